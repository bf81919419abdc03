import Testing

/// The program as users see it: started as a process, and used by other programs.
///
/// One test at a time, since each starts several processes and some transfer much data.
@Suite(.serialized, .timeLimit(.minutes(Requirement.isFull ? 40 : 10))) enum Integration {}
