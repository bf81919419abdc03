#if THREAD_SANITIZER
    import SanitizerLocks

    /// Replaces Synchronization's `Mutex`, which Thread Sanitizer cannot see.
    typealias Mutex<Value: ~Copyable> = SanitizerLocks.Mutex<Value>
#endif
