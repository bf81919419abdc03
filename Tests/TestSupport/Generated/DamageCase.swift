/// A kind of damage to a v1 tree: a key of `testdata/v1/damaged.cases.json`.
package enum DamageCase: String, CaseIterable, Sendable {
    case good, badlayer, shortlayer, nolayer, zerolayer, nojson, badjson, noancestry, badancestry, ancestryloop
    case nochecksum, oldchecksum, twochecksums, badchecksum, numchecksum, noparent, midgone, wrongid, inprogress, files
    case dangling, tagnl, tagquoted, tagempty, tagjunk, notagjson, noreposjson, nojsons, noindex, badindex, dupindex
    case emptydir, notags, strayfiles
    case strayFileAmongNamespaces = "/strayfile-in-repositories"
    case emptyNamespace = "/emptyns"
    case emptyImage = "images/693effd2848dc8ca55b94b17783f652d4b93554b31d8aa99e06c9648153885e8"
    case imagesList = "library/old"

    /// The expected result of a conversion, with words that its report must contain.
    package enum Outcome: Sendable, Equatable {
        case failed(String)
        case notice(String)
        case sound
    }

    /// The expected result of a conversion.
    package var outcome: Outcome {
        switch self {
        case .good, .files, .dupindex: .sound
        case .badlayer: .failed("its layer does not have the stored checksum")
        case .shortlayer: .failed("the layer is cut short")
        case .nolayer, .midgone: .failed("its layer is missing")
        case .zerolayer: .failed("the layer file is empty (0 bytes)")
        case .nojson: .failed("its json is missing")
        case .badjson: .failed("its json is damaged")
        case .noancestry: .notice("ancestry is missing")
        case .badancestry: .notice("ancestry is not a list of ids")
        case .ancestryloop: .failed("its ancestry file names")
        case .nochecksum: .notice("_checksum is missing")
        case .oldchecksum, .twochecksums: .failed("does not have the stored checksum sha256:abab")
        case .badchecksum: .failed("does not have the stored checksum sha256:0000")
        case .numchecksum: .notice("_checksum does not contain a checksum")
        case .noparent, .dangling: .failed("it is not in the tree")
        case .wrongid: .failed("its json is that of image")
        case .inprogress: .notice("_inprogress was left behind")
        case .tagnl, .tagquoted, .tagjunk: .failed("instead of an image id")
        case .tagempty: .failed("the tag's file is empty")
        case .notagjson: .notice("taglatest_json is missing")
        case .noreposjson, .nojsons: .notice("json is missing")
        case .noindex: .notice("_index_images is missing")
        case .badindex: .notice("_index_images")
        case .emptydir, .emptyImage: .notice("directory is empty")
        case .notags: .notice("has no tags")
        case .strayfiles: .notice("tag_dir")
        case .strayFileAmongNamespaces: .notice("a file where a namespace is expected")
        case .emptyNamespace: .notice("a namespace without repositories")
        case .imagesList: .notice("_images_list")
        }
    }

    /// Whether there is a tag to be converted or to fail.
    package var hasTag: Bool {
        ![.emptydir, .notags, .strayFileAmongNamespaces, .emptyNamespace, .emptyImage].contains(self)
    }
}
