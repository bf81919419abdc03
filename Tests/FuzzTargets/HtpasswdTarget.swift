import RegistryHTTP
import SystemLibraries

extension FuzzTarget {
    /// An htpasswd file: its lines are kept, and adding or removing a user changes no other.
    static let htpasswd = FuzzTarget("htpasswd") { input in
        let document = HtpasswdDocument(input)
        let again = HtpasswdDocument(document.bytes)
        try require(again.users == document.users, "a file that is written is read again")
        try require(again.malformedLines == document.malformedLines, "no line moves")
        guard let hash = PasswordHash("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=") else { return }
        var changed = document
        changed.set(hash, for: "newcomer")
        try require(HtpasswdDocument(changed.bytes).users["newcomer"] == .some(hash), "a user who is added is there")
        try require(changed.remove("newcomer"), "a user who is added can be removed")
        let others = document.users.filter { $0.key != "newcomer" }
        try require(HtpasswdDocument(changed.bytes).users == others, "the others stay")
        for name in others.keys where HtpasswdDocument.isName(name) {
            try require(!name.contains(":"), "a name has no colon")
        }
    }
}
