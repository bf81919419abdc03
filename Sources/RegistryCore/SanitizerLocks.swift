#if THREAD_SANITIZER
    import SanitizerLocks

    /// Replaces Synchronization's mutex, which Thread Sanitizer does not understand.
    typealias Mutex<Value: ~Copyable> = SanitizerLocks.Mutex<Value>
#endif
