"""Checks, without a network, what the binary is made of: licences, and one crypto provider only.

Called by .ci/run. Reads `cargo metadata --offline` and `cargo tree --offline`; exits with 1 and a sentence for each finding.
"""

import json
import re
import subprocess
import sys

# Licences that go with "MIT OR Apache-2.0" and ask for nothing but a notice.
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC",
    "MIT", "MIT-0", "Unicode-3.0", "Unlicense", "Zlib",
}

# Crates that would bring a second provider of TLS or cryptography.
BANNED = {
    "ring": "the crypto provider is aws-lc-rs",
    "native-tls": "TLS is rustls",
}

# Of these there must be one version: two would mean two implementations of the same cryptography.
ONE_VERSION = {"rustls", "aws-lc-rs", "aws-lc-sys", "openssl-sys", "sha2", "hmac", "argon2", "libsqlite3-sys"}


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def metadata():
    """What this machine builds. Crates for other systems are not downloaded and so cannot be asked for their licence."""
    host = re.search(r"^host: (.*)$", output("rustc", "-vV"), re.MULTILINE).group(1)
    options = ["--offline", "--locked", "--format-version", "1", "--filter-platform", host]
    return json.loads(output("cargo", "metadata", *options))


def built_names():
    """Every crate that is compiled in. Cargo.lock also lists those that a dependency could ask for and that nobody does."""
    lines = output("cargo", "tree", "--offline", "--locked", "--edges", "normal,build,dev", "--prefix", "none")
    return {line.split()[0] for line in lines.splitlines() if line.strip()}


def is_allowed(expression):
    """Whether an SPDX expression can be met with allowed licences: OR needs one side, AND both."""
    tokens = re.findall(r"\(|\)|\bAND\b|\bOR\b|[\w.+-]+(?: WITH [\w.+-]+)?", expression.replace("/", " OR "))

    def either():
        verdict = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            verdict = both() or verdict
        return verdict

    def both():
        verdict = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            verdict = one() and verdict
        return verdict

    def one():
        token = tokens.pop(0)
        if token != "(":
            return token in ALLOWED
        verdict = either()
        tokens.pop(0)
        return verdict

    return either() and not tokens


def findings(packages):
    versions = {}
    for package in packages:
        name, version, licence = package["name"], package["version"], package["license"]
        versions.setdefault(name, set()).add(version)
        if not licence or not is_allowed(licence):
            yield f"{name} {version} has the licence {licence or '(none)'}, which is not on the list in .ci/dependencies.py"
        if package["source"] and "crates.io" not in package["source"]:
            yield f"{name} {version} does not come from crates.io but from {package['source']}"
    for name in sorted(BANNED.keys() & built_names()):
        yield f"{name} must not be there: {BANNED[name]}; `cargo tree -i {name}` shows who brings it"
    for name in sorted(ONE_VERSION & versions.keys()):
        if len(versions[name]) > 1:
            yield f"{name} is there in several versions: {', '.join(sorted(versions[name]))}"


def self_test():
    """The reader of licences is small enough to be wrong; these have been."""
    good = ["MIT OR Apache-2.0", "MIT/Apache-2.0", "(MIT OR GPL-3.0) AND Unicode-3.0", "GPL-2.0 OR (ISC AND MIT)",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT"]
    bad = ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND LGPL-2.1"]
    assert all(map(is_allowed, good)) and not any(map(is_allowed, bad))


def main():
    self_test()
    packages = metadata()["packages"]
    found = list(findings(packages))
    for finding in found:
        print(f"error: {finding}", file=sys.stderr)
    if not found:
        print(f"{len(packages)} packages: every licence allowed, no second TLS or crypto provider")
    return 1 if found else 0


sys.exit(main())
