import Foundation
import Settings

extension RegistrySettings {
    /// The files that the configuration names, with the key of each.
    private var namedFiles: [(key: String, path: String)] {
        var files: [(String, String?)] = [("access-groups", groupsFile)]
        switch authentication {
        case .htpasswd(_, let path): files.append(("auth.htpasswd.path", path))
        case .token(let token):
            files += [
                ("auth.token.rootcertbundle", token.rootCertificateBundle), ("auth.token.jwks", token.keySet),
            ]
        case nil: break
        }
        if let tls = http.tls {
            files += [("http.tls.certificate", tls.certificate), ("http.tls.key", tls.key)]
            files += tls.clientAuthorities.map { ("http.tls.clientcas", $0) }
        }
        return files.compactMap { key, path in path.map { (key, $0) } }
    }

    /// Refuses directories in place of files. A missing file is fine: it may appear later.
    func checkNamedFiles() throws {
        for (key, path) in namedFiles {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
                continue
            }
            throw UnusableSetting("\(key) is \(path), which is a directory: name a file")
        }
    }
}
