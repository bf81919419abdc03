/// Instructions for installing a certificate on the server and on each kind of client.
struct CertificateSteps {
    let host: String
    let port: Int
    let files: CertificateFolder.Files

    private var name: String { port == 443 ? host : "\(host):\(port)" }

    /// The instructions, as text to read or copy.
    var text: String {
        """
        created \(files.certificate) and \(files.key), signed by \(files.authority)

        # the server, in its config.yml
        http:
          addr: :\(port)
          tls:
            certificate: \(files.certificate)
            key: \(files.key)

        # Docker: on every host that pulls, as root; no restart needed
        mkdir -p /etc/docker/certs.d/\(name) && cp \(files.authority) /etc/docker/certs.d/\(name)/ca.crt

        # containerd: with config_path = "/etc/containerd/certs.d"
        mkdir -p /etc/containerd/certs.d/\(name) && cp \(files.authority) /etc/containerd/certs.d/\(name)/ca.crt

        # podman, buildah, skopeo
        mkdir -p /etc/containers/certs.d/\(name) && cp \(files.authority) /etc/containers/certs.d/\(name)/ca.crt

        # curl and everything else on Debian; also Docker before 1.3 and its search, which look only here
        cp \(files.authority) /usr/local/share/ca-certificates/longshore.crt && update-ca-certificates

        # the same on Red Hat and CentOS (on 6: run update-ca-trust enable first)
        cp \(files.authority) /etc/pki/ca-trust/source/anchors/longshore.crt && update-ca-trust extract
        """
    }
}
