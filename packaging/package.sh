#!/usr/bin/env bash
# Makes what is shipped: both programs as single files that need no .NET, in a tarball and, for Linux, in a Debian package.
#   packaging/package.sh [--rid RID] [--output FOLDER] [--version VERSION] [--programs FOLDER]
# RID is the platform (default: this one's, such as linux-x64); --programs takes programs that are already published.
set -euo pipefail
cd "$(dirname "$0")/.."

rid=
output=artifacts/package
version=$(sed -n 's:.*<VersionPrefix>\(.*\)</VersionPrefix>.*:\1:p' Directory.Build.props)
programs=
while [ $# -gt 0 ]; do
    case $1 in
    --rid) rid=$2 ;;
    --output) output=$2 ;;
    --version) version=$2 ;;
    --programs) programs=$2 ;;
    *)
        echo "package.sh: unknown option $1" >&2
        exit 2
        ;;
    esac
    shift 2
done
[ -n "$rid" ] || case $(uname -m) in
x86_64) rid=linux-x64 ;;
aarch64) rid=linux-arm64 ;;
*)
    echo "package.sh: name the platform with --rid" >&2
    exit 2
    ;;
esac

suffix=
[[ $rid != win-* ]] || suffix=.exe
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$output"

if [ -z "$programs" ]; then
    programs=$work/programs
    packaging/publish.sh "$programs" "$rid" "$version"
fi

# The tarball: a folder with the programs and all that goes with them.
name=vpn-ws-$version-$rid
folder=$work/$name
mkdir -p "$folder"
for program in vpn-ws vpn-ws-client; do install -m 755 "$programs/$program$suffix" "$folder/"; done
cp README.md SECURITY.md LICENSE "$folder/"
cp -r docs examples packaging/systemd packaging/man packaging/conf "$folder/"
tar --create --gzip --owner=0 --group=0 --file "$output/$name.tar.gz" --directory "$work" "$name"
echo "$output/$name.tar.gz"

# The Debian package, where its tool is there.
case $rid in
linux-x64) architecture=amd64 ;;
linux-arm64) architecture=arm64 ;;
linux-arm) architecture=armhf ;;
*) exit 0 ;;
esac
command -v dpkg-deb >/dev/null || exit 0
root=$work/root
install -d "$root"/{DEBIAN,usr/bin,usr/lib/systemd/system,usr/share/man/man1,usr/share/doc/vpn-ws,etc/vpn-ws/client}
install -m 755 "$programs/vpn-ws" "$programs/vpn-ws-client" "$root/usr/bin/"
install -m 644 packaging/systemd/* "$root/usr/lib/systemd/system/"
for page in packaging/man/*.1; do gzip -9n <"$page" >"$root/usr/share/man/man1/${page##*/}.gz"; done
chmod 644 "$root"/usr/share/man/man1/*
install -m 644 README.md SECURITY.md packaging/conf/client.conf.example "$root/usr/share/doc/vpn-ws/"
install -m 644 LICENSE "$root/usr/share/doc/vpn-ws/copyright"
cp -r docs examples "$root/usr/share/doc/vpn-ws/"
install -m 644 packaging/conf/server.conf "$root/etc/vpn-ws/"
echo /etc/vpn-ws/server.conf >"$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do install -m 755 "packaging/debian/$script" "$root/DEBIAN/"; done
cat >"$root/DEBIAN/control" <<CONTROL
Package: vpn-ws
Version: $version
Architecture: $architecture
Maintainer: the VpnWs authors <vpn-ws@localhost>
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: libc6, libgcc-s1, libstdc++6, libcrypt1, libssl3 | libssl3t64, passwd, init-system-helpers (>= 1.54~)
Recommends: ca-certificates
Section: net
Priority: optional
Description: Ethernet switch over WebSockets
 A server that is a layer-2 switch and a client that joins a machine to it with
 a tap, over WebSockets: wherever HTTPS works, behind a web server or without.
CONTROL
dpkg-deb --build --root-owner-group "$root" "$output/vpn-ws_${version}_$architecture.deb" >/dev/null
echo "$output/vpn-ws_${version}_$architecture.deb"
