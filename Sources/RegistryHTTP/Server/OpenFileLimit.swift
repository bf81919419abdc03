#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The limit on this process's open descriptors: its connections and the files it sends.
package enum OpenFileLimit {
    /// Raises the soft limit to the hard one, and returns the resulting limit.
    ///
    /// If the system refuses, the limit stays as it was.
    @discardableResult
    package static func raise() -> Int {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        let current = setrlimit(resource, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur
        return Int(clamping: current)
    }
}
