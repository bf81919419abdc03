import RegistryHTTP
import SystemLibraries

extension FuzzTarget {
    /// An htpasswd file: its lines are kept, and adding or removing a user changes no other.
    static let htpasswd = FuzzTarget("htpasswd") { input in
        let document = HtpasswdDocument(input)
        let again = HtpasswdDocument(document.bytes)
        try require(again.users == document.users, "a file can be written and read back")
        try require(again.malformedLines == document.malformedLines, "lines keep their order")
        guard let hash = PasswordHash("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=") else { return }
        var changed = document
        changed.set(hash, for: "newcomer")
        try require(HtpasswdDocument(changed.bytes).users["newcomer"] == .some(hash), "an added user exists")
        try require(changed.remove("newcomer"), "an added user can be removed")
        let others = document.users.filter { $0.key != "newcomer" }
        try require(HtpasswdDocument(changed.bytes).users == others, "other users are unchanged")
        for name in others.keys where HtpasswdDocument.isName(name) {
            try require(!name.contains(":"), "a name contains no colon")
        }
    }
}
