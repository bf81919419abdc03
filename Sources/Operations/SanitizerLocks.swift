#if THREAD_SANITIZER
    import SanitizerLocks

    /// Replaces `Synchronization.Mutex`, which Thread Sanitizer does not understand.
    typealias Mutex<Value: ~Copyable> = SanitizerLocks.Mutex<Value>
#endif
