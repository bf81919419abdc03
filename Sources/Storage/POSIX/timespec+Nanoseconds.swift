import Glibc

extension timespec {
    /// What the clock of this machine says now, set right or wrong.
    static var now: timespec {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now
    }

    /// Nanoseconds since 1970; a time before 1678 or after 2261 is the first or last that has such a number.
    var nanosecondsSince1970: Int64 {
        Int64(tv_sec).clampedMultiplied(by: 1_000_000_000).clampedAdding(Int64(tv_nsec))
    }
}
