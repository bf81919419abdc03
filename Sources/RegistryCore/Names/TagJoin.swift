package import ImageModel

/// One layout's view of a tag: its target and when it was set.
package struct TagSide<Value: Hashable & Sendable>: Hashable, Sendable {
    /// The tag's target in this layout.
    package let value: Value
    /// When the tag's file was written, in nanoseconds since 1970.
    package let modified: Int64

    package init(value: Value, modified: Int64) {
        self.value = value
        self.modified = modified
    }
}

/// The v1 image and the manifest that a tag was last recorded with: the content of `longshore/tags/NAME/_/T`.
package struct TagRecord: Hashable, Sendable {
    /// The v1 image; nil if the tag existed only in v2.
    package let image: V1ImageID?
    /// The manifest.
    package let manifest: Digest

    package init(image: V1ImageID?, manifest: Digest) {
        self.image = image
        self.manifest = manifest
    }
}

/// Decides which of the two layouts' views of a tag is current.
///
/// The side that differs from the record is newer. If both differ, or there is no record, the later modification time
/// wins, and v2 wins a tie: a v2 tag without a record was pushed, while a v1 tag may be as old as the tree.
package enum TagJoin: Hashable, Sendable {
    /// The tag exists on neither side.
    case absent
    /// Both sides match the record, or v2's is the newer or only one: the tag is v2's manifest.
    case manifest(Digest)
    /// The v1 side is newer: its image must be converted, and the v2 tag and the record updated.
    case image(V1ImageID)

    /// Compares the two sides of a tag with its record. Each is nil if it does not exist.
    package init(record: TagRecord?, v1: TagSide<V1ImageID>?, v2: TagSide<Digest>?) {
        switch (v1, v2) {
        case (nil, nil): self = .absent
        case (nil, let v2?): self = .manifest(v2.value)
        case (let v1?, nil): self = .image(v1.value)
        case (let v1?, let v2?):
            switch (record?.image == v1.value, record?.manifest == v2.value) {
            case (true, _): self = .manifest(v2.value)
            case (false, true): self = .image(v1.value)
            case (false, false): self = v1.modified > v2.modified ? .image(v1.value) : .manifest(v2.value)
            }
        }
    }
}

/// A tag as it was observed.
package struct TagState: Hashable, Sendable {
    /// The tag.
    package let tag: Tag
    /// What it points to.
    package let target: TagJoin
    /// When it was pushed, in nanoseconds since 1970, as far as the time of its file tells.
    package let pushed: Int64

    package init(tag: Tag, target: TagJoin, pushed: Int64) {
        self.tag = tag
        self.target = target
        self.pushed = pushed
    }
}
