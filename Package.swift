// swift-tools-version: 6.2
import PackageDescription

// Thread Sanitizer does not see Synchronization's locks. With LONGSHORE_THREAD_SANITIZER in the environment others take
// their place (Tests/SanitizerLocks), by names that only the file with the alias imports.
let isThreadSanitized = Context.environment["LONGSHORE_THREAD_SANITIZER"] != nil

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    isThreadSanitized ? .define("THREAD_SANITIZER") : .enableUpcomingFeature("MemberImportVisibility"),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "longshore",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "longshore", targets: ["longshore"])
    ],
    traits: [
        .trait(
            name: "ISAL",
            description: "Decompress gzip by Intel's ISA-L, nearly twice as fast as by zlib (Debian: libisal-dev)."
        )
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.30.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The C libraries, reached through SystemLibraries alone.
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CISAL"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CCompression"),

        .target(name: "ImageModel", swiftSettings: strict),
        .target(
            name: "SystemLibraries",
            dependencies: [
                "CCompression", "CCrypt", "COpenSSL", "CZlib", "ImageModel",
                .target(name: "CISAL", condition: .when(traits: ["ISAL"])),
            ],
            swiftSettings: strict
        ),
        .target(name: "Conversion", dependencies: ["ImageModel", "SystemLibraries"], swiftSettings: strict),
        .target(name: "Storage", dependencies: [nioCore, nioPosix], swiftSettings: strict),
        .target(
            name: "RegistryCore",
            dependencies: [
                "Conversion", "ImageModel", "Storage", "SystemLibraries", logging, nioCore, nioPosix,
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .target(name: "Settings", dependencies: ["Yams"], swiftSettings: strict),
        .target(
            name: "RegistryHTTP",
            dependencies: [
                "ImageModel", "RegistryCore", "Storage", "SystemLibraries", logging, nioCore, nioPosix,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOExtras", package: "swift-nio-extras"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "WebPage",
            dependencies: [
                "ImageModel", "RegistryCore", "RegistryHTTP", "Storage", "SystemLibraries", logging, nioCore,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "RegistryClient",
            dependencies: [
                "ImageModel", nioCore,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Operations",
            dependencies: [
                "ImageModel", "RegistryCore", "RegistryHTTP", "Storage", logging, nioCore, nioPosix,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Migration",
            dependencies: [
                "Conversion", "ImageModel", "RegistryClient", "RegistryCore", "Storage", "SystemLibraries", nioCore,
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "longshore",
            dependencies: [
                "Conversion", "Migration", "Operations", "RegistryClient", "RegistryCore", "RegistryHTTP", "Settings",
                "Storage", "SystemLibraries", "WebPage", logging, nioCore, nioPosix,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        .target(
            name: "TestSupport",
            dependencies: ["ImageModel", "RegistryCore", "Storage", "SystemLibraries", nioCore],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .testTarget(name: "ImageModelTests", dependencies: ["ImageModel"], swiftSettings: strict),
        .testTarget(
            name: "SystemLibrariesTests",
            dependencies: ["ImageModel", "SystemLibraries"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ConversionTests",
            dependencies: ["Conversion", "ImageModel", "SystemLibraries"],
            swiftSettings: strict
        ),
        .testTarget(name: "StorageTests", dependencies: ["Storage", nioCore, nioPosix], swiftSettings: strict),
        .testTarget(
            name: "RegistryCoreTests",
            dependencies: [
                "Conversion", "ImageModel", "RegistryCore", "Storage", "SystemLibraries", "TestSupport", logging,
                nioCore,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RegistryHTTPTests",
            dependencies: [
                "Conversion", "ImageModel", "RegistryCore", "RegistryHTTP", "Storage", "SystemLibraries", "TestSupport",
                "WebPage", logging, nioCore, nioPosix,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WebPageTests",
            dependencies: [
                "RegistryHTTP", "SystemLibraries", "WebPage",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "OperationsTests",
            dependencies: [
                "ImageModel", "Operations", "RegistryCore", "RegistryHTTP", "Storage", "TestSupport", logging, nioCore,
                nioPosix,
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "MigrationTests",
            dependencies: [
                "Conversion", "ImageModel", "Migration", "RegistryClient", "RegistryCore", "RegistryHTTP", "Storage",
                "SystemLibraries", "TestSupport", logging, nioCore, nioPosix,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "Benchmarks",
            dependencies: ["ImageModel", "SystemLibraries", "TestSupport"],
            path: "Tests/Benchmarks",
            swiftSettings: strict
        ),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Conversion", "ImageModel", "Migration", "RegistryClient", "RegistryCore", "RegistryHTTP", "Settings",
                "Storage", "SystemLibraries", logging, nioCore,
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            path: "Tests/FuzzTargets",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "Fuzzing",
            dependencies: ["FuzzTargets"],
            path: "Tests/Fuzzing",
            swiftSettings: strict
        ),
        .testTarget(name: "SettingsTests", dependencies: ["Settings"], swiftSettings: strict),
        .testTarget(name: "PackageTests", dependencies: ["FuzzTargets"], swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "TestSupport", "longshore", nioCore, nioPosix, .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["Support/browse.py", "Support/churn.py", "Support/record.py"],
            swiftSettings: strict
        ),
    ]
)

if isThreadSanitized {
    package.targets.append(
        .target(name: "SanitizerLocks", path: "Tests/SanitizerLocks", swiftSettings: strict)
    )
    let locking = [
        "Migration", "MigrationTests", "Operations", "OperationsTests", "RegistryClient", "RegistryCore",
        "RegistryCoreTests", "RegistryHTTP", "RegistryHTTPTests", "Storage", "StorageTests", "SystemLibraries",
        "TestSupport", "WebPage", "longshore",
    ]
    for target in package.targets where locking.contains(target.name) {
        target.dependencies.append("SanitizerLocks")
    }
}
