/// What is to be done with a certificate, at the server and at each kind of client.
struct CertificateSteps {
    let host: String
    let port: Int
    let files: CertificateFolder.Files

    private var name: String { port == 443 ? host : "\(host):\(port)" }

    /// The steps, to be read or copied.
    var text: String {
        """
        made \(files.certificate) and \(files.key), vouched for by \(files.authority)

        # the server, in its config.yml
        http:
          addr: :\(port)
          tls:
            certificate: \(files.certificate)
            key: \(files.key)

        # Docker: every host that pulls, as root; no restart is needed
        mkdir -p /etc/docker/certs.d/\(name) && cp \(files.authority) /etc/docker/certs.d/\(name)/ca.crt

        # containerd: with config_path = "/etc/containerd/certs.d"
        mkdir -p /etc/containerd/certs.d/\(name) && cp \(files.authority) /etc/containerd/certs.d/\(name)/ca.crt

        # podman, buildah, skopeo
        mkdir -p /etc/containers/certs.d/\(name) && cp \(files.authority) /etc/containers/certs.d/\(name)/ca.crt

        # curl and all else, Debian; Docker before 1.3 and a search by it, which look here alone
        cp \(files.authority) /usr/local/share/ca-certificates/longshore.crt && update-ca-certificates

        # the same, Red Hat and CentOS (on 6: update-ca-trust enable first)
        cp \(files.authority) /etc/pki/ca-trust/source/anchors/longshore.crt && update-ca-trust extract
        """
    }
}
