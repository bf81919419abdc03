extension CollectionReport {
    /// Copies the totals of a mark.
    mutating func note(_ mark: Mark) {
        liveCount = mark.liveCount
        readManifestCount += mark.readCount
    }
}

extension RegistryActivity.Collection {
    /// - Parameter report: Nil if the collection failed.
    init(_ report: CollectionReport?, of policy: CollectionPolicy, _ duration: Duration) {
        self.init(isDryRun: policy.isDryRun, isComplete: report != nil, duration: duration)
        guard let report else { return }
        blobCount = report.blobs.count
        byteCount = report.blobs.byteCount.addingReportingOverflow(report.v1Images.byteCount).partialValue
        manifestCount = report.untaggedManifestCount
        v1ImageCount = report.v1Images.count
        uploadCount = report.uploadCount
    }
}
