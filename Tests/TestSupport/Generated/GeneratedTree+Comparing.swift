import ImageModel

extension GeneratedTree {
    /// How a report deviates from what this tree requires: a sound tag that was not converted, or damage that was not
    /// reported or not for the right reason. Empty when all is well.
    package func deviations(in report: MigrationReportDocument) -> [String] {
        let converted = Dictionary(report.tags.map { ("\($0.v1Repository):\($0.tag)", $0) }) { first, _ in first }
        let failures = Dictionary(report.failedTags.map { ("\($0.v1Repository):\($0.tag)", $0.reason) }) { first, _ in
            first
        }
        var notices: [String: [String]] = [:]
        for notice in report.notices { notices[notice.subject, default: []].append(notice.notice) }
        var deviations: [String] = []
        for (tag, image) in soundTags where converted[tag]?.v1Image != image.description {
            deviations.append("\(tag) is sound: \(failures[tag] ?? "it is not named")")
        }
        for damage in damages {
            let tag = "\(damage.repository):latest"
            let isConverted = converted[tag] != nil
            let said: [String]
            switch damage.kind.outcome {
            case .sound: said = isConverted ? [""] : []
            case .failed(let words): said = isConverted ? [] : [failures[tag] ?? ""].filter { $0.contains(words) }
            case .notice(let words):
                let all: [String] = damage.subjects.reduce(into: []) { $0 += notices[$1] ?? [] }
                said = isConverted == damage.kind.hasTag ? all.filter { $0.contains(words) } : []
            }
            if said.isEmpty {
                deviations.append(
                    "\(damage.kind) of \(tag): \(failures[tag] ?? "no failure"), converted: \(isConverted)"
                )
            }
        }
        let known = soundTags.count + damages.count { $0.kind.hasTag }
        if report.tags.count + report.failedTags.count != known {
            deviations.append("\(report.tags.count + report.failedTags.count) tags are named of \(known)")
        }
        return deviations.sorted()
    }
}
