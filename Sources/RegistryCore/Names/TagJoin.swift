package import ImageModel

/// One layout's view of a tag: what it names and when it was set.
package struct TagSide<Value: Hashable & Sendable>: Hashable, Sendable {
    /// What the tag names there.
    package let value: Value
    /// When the file that says so was written, in nanoseconds since 1970.
    package let modified: Int64

    package init(value: Value, modified: Int64) {
        self.value = value
        self.modified = modified
    }
}

/// The v1 image and the manifest that a tag was last joined as: the content of `longshore/tags/NAME/_/T`.
package struct TagRecord: Hashable, Sendable {
    /// The v1 image that the tag named; nil when it was v2's alone.
    package let image: V1ImageID?
    /// The manifest that it named.
    package let manifest: Digest

    package init(image: V1ImageID?, manifest: Digest) {
        self.image = image
        self.manifest = manifest
    }
}

/// Which of the two layouts' views of a tag holds.
///
/// The side that differs from the record is the newer write. When both differ, or there is no record, the later
/// modification time wins, and v2 on a tie: a v2 tag without a record was pushed, a v1 one may be as old as the tree.
package enum TagJoin: Hashable, Sendable {
    /// There is no such tag on either side.
    case absent
    /// Both sides are as they were joined, or there is only the v2 side: v2's manifest is the tag.
    case manifest(Digest)
    /// The v1 side is the newer: the image is to be converted, and the v2 tag and the record follow it.
    case image(V1ImageID)

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
