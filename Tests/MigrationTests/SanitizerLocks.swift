#if THREAD_SANITIZER
    import SanitizerLocks

    /// In the place of Synchronization's, which Thread Sanitizer does not see.
    typealias Mutex<Value: ~Copyable> = SanitizerLocks.Mutex<Value>
#endif
