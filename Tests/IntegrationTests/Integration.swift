import Testing

/// The program as its users meet it: started as a process, asked by other programs.
///
/// One test after the other, since each starts several processes and some move much data.
@Suite(.serialized, .timeLimit(.minutes(Requirement.isFull ? 40 : 10))) enum Integration {}
