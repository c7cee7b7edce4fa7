//! Codes of packages in OCI registries: `MPP-N4xx`.

mpp_host::declare_codes! {
    pub table OCI;

    N401: Usage, "the address of the OCI registry is not valid",
        "Write `oci://HOST/NAMESPACE`, for example `oci://ghcr.io/my-company/tools`. The host may have a port. The namespace has one or \
         more parts of lower-case letters, digits and `. _ -`, joined by `/`; each package is a repository below it, named by its id.";
    N403: Registry, "the OCI registry has another package under this version",
        "A version number is given to one package only. Increase the version and publish again. Build metadata (`+…`) does not count as \
         another version. If somebody else published it, compare the digests in the message.";
    N404: Registry, "the OCI registry does not have the package",
        "The registry has no such repository, tag or manifest, or does not show it without credentials. Check the id, the version and the \
         namespace. A lock file names a manifest by its digest: that manifest was deleted.";
    N405: Verification, "the OCI artifact is not a package",
        "A package in an OCI registry is a manifest of the artifact type `application/vnd.mpp.package.v1` whose only layer is the package \
         file, of at most 100 MiB. The message says what is different. Something else has been pushed under this name.";
    N406: Verification, "the OCI registry answered with another package",
        "The package under this name and tag says that it is another package or version. It was not installed. Tell whoever runs the \
         registry: tags can be moved, and this one was.";
    N407: Registry, "the tag was changed while it was published",
        "An OCI registry does not decide between two clients that publish the same version at the same time: the last one wins, and it was \
         not you. Compare the digests in the message, and agree on who publishes.";
    N408: Registry, "the OCI registry has no catalogue",
        "Many OCI registries, above all those of several owners, do not list their repositories, so packages cannot be searched there. A \
         package can be installed if you know its id.";
    N409: Registry, "the OCI registry refused the credentials",
        "The registry needs credentials for this, or those that were sent may not do it. Give a user name and a password or a token, and \
         check that it may write to the namespace if you publish.";
    N410: Usage, "the version does not fit into a tag",
        "A tag of an OCI registry has at most 128 characters. Shorten the pre-release part of the version.";
    N411: Registry, "the OCI registry cannot be used",
        "The registry did not answer, or its answer does not follow the OCI distribution specification. The message has the cause. Check \
         the address and the network, and try again. Registries on other machines are reached with TLS only, unless the configuration \
         allows plain HTTP for them.";
    N412: Usage, "the package is signed with a development key",
        "A development key belongs to one machine and proves nothing to others. Sign the package with a publisher's key.";
}
