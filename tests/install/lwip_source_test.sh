#!/usr/bin/env bash
# tools/lwip-source against an apt of its own: no network, nothing of the machine is read or changed.
# Usage: lwip_source_test.sh CASE   (a function below). Exit status: 77 where the machine lacks what a case needs.
set -euo pipefail
tool=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/tools/lwip-source
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
unset TCPTWIN_NO_INSTALL

fail() {
  echo "$*; it said: $(cat "$place/said")" >&2
  exit 1
}
skip() {
  echo "SKIPPED: $*" >&2
  exit 77
}
bring() { "$tool" "$place/sources" >"$place/said" 2>&1 || fail "it failed with $?"; }
expect_header() { [[ $(cat "$place/sources/lwip-2.1.3/src/include/lwip/init.h") == "$1" ]] || fail "it is not \"$1\""; }
expect_silence() { [[ ! -s $place/said ]] || fail "it was not silent"; }
# One line that says so is the last one; nothing is there, also no half of it.
expect_left_out() {
  grep -q "its profiles will be absent: .*$1" <(tail -n 1 "$place/said") || fail "it does not say that of $1"
  [[ -z $(ls -A "$place/sources" 2>/dev/null) ]] || fail "it left $(ls -A "$place/sources")"
}

# An apt whose only source is what a case writes to $place/parts; the network cannot be reached.
apt_of_its_own() {
  command -v apt-get >/dev/null || skip "apt-get is missing"
  mkdir -p "$place"/{parts,lists/partial,cache/archives/partial}
  cat >"$place/apt.conf" <<END
Dir::Etc::Main "/dev/null";
Dir::Etc::Parts "/dev/null";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$place/parts/";
Dir::State::lists "$place/lists/";
Dir::Cache "$place/cache/";
APT::Sandbox::User "root";
Acquire::http::Proxy "http://127.0.0.1:9/";
Acquire::https::Proxy "http://127.0.0.1:9/";
Acquire::AllowInsecureRepositories "true";
APT::Get::AllowUnauthenticated "true";
END
  export APT_CONFIG=$place/apt.conf
}

# A repository of Debian's shape with the revision $1 of a source package lwip of one file, which a patch changes.
repository() {
  command -v dpkg-scansources >/dev/null || skip "dpkg-dev is missing"
  rm -rf "$place/repository" "$place/lwip-2.1.3"
  local pool=$place/repository/pool tree=$place/lwip-2.1.3 index=$place/repository/dists/bookworm/main/source
  mkdir -p "$pool" "$index" "$tree"/{src/include/lwip,debian/source,debian/patches}
  echo upstream >"$tree/src/include/lwip/init.h"
  tar -C "$place" -czf "$pool/lwip_2.1.3+test.orig.tar.gz" --exclude=debian lwip-2.1.3
  echo "3.0 (quilt)" >"$tree/debian/source/format"
  printf 'lwip (2.1.3+test-%s) bookworm; urgency=low\n\n  * A test.\n\n -- A <a@b>  Thu, 01 Jan 2026 00:00:00 +0000\n' \
    "$1" >"$tree/debian/changelog"
  printf 'Source: lwip\nMaintainer: A <a@b>\n\nPackage: lwip\nArchitecture: all\nDescription: a test\n' \
    >"$tree/debian/control"
  printf -- '--- a/src/include/lwip/init.h\n+++ b/src/include/lwip/init.h\n@@ -1 +1 @@\n-upstream\n+patched\n' \
    >"$tree/debian/patches/change"
  echo change >"$tree/debian/patches/series"
  (cd "$pool" && dpkg-source -b "$tree" && cd .. && dpkg-scansources pool >"$index/Sources") >"$place/made" 2>&1 ||
    skip "no source package can be made here: $(tail -n 1 "$place/made")"
}

says_nothing_when_it_is_there() {
  mkdir -p "$place/sources/lwip-2.1.3/src/include/lwip" "$place/bin"
  echo here >"$place/sources/lwip-2.1.3/src/include/lwip/init.h"
  for program in apt-get apt-cache apt-config sudo; do
    printf '#!/bin/sh\necho "called %s"\nexit 1\n' "$program" >"$place/bin/$program"
  done
  chmod +x "$place"/bin/*
  PATH=$place/bin:$PATH bring
  expect_silence
  expect_header here
}

is_left_out_where_no_source_has_it() {
  apt_of_its_own
  bring
  expect_left_out "no package source"
  [[ -z $(ls -A "$place/parts") ]] || fail "it left $(ls "$place/parts") to apt"
}

is_left_out_when_nothing_may_be_installed() {
  TCPTWIN_NO_INSTALL=1 bring
  expect_left_out TCPTWIN_NO_INSTALL
}

enables_the_sources_of_the_mirror_in_a_file_of_its_own() {
  apt_of_its_own
  repository 1
  echo "deb file:$place/repository bookworm main" >"$place/parts/mine.list"
  [[ $(. /etc/os-release && echo "$ID") == debian ]] || skip "this is no Debian"
  bring
  expect_header patched
  [[ $(ls "$place/parts") == $'mine.list\ntcptwin-source.sources' ]] || fail "apt has $(ls "$place/parts")"
  [[ $(cat "$place/parts/mine.list") == "deb file:$place/repository bookworm main" ]] || fail "it changed a file"
  [[ $(ls -A "$place/sources") == lwip-2.1.3 ]] || fail "it left more than the source: $(ls -A "$place/sources")"
  rm -r "$place/repository"
  bring # a second time: from nowhere
  expect_silence
}

uses_sources_that_are_enabled_already() {
  apt_of_its_own
  repository 1
  echo "deb-src file:$place/repository bookworm main" >"$place/parts/mine.list"
  bring
  expect_header patched
  [[ $(ls "$place/parts") == mine.list ]] || fail "apt has $(ls "$place/parts")"
}

learns_of_a_newer_revision_when_the_known_one_is_gone() {
  apt_of_its_own
  repository 1
  echo "deb-src copy:$place/repository bookworm main" >"$place/parts/mine.list"
  apt-get -qq update 2>"$place/said" # copied to the lists, which are old from here on
  repository 2
  bring
  expect_header patched
}

replaces_half_a_source() {
  apt_of_its_own
  repository 1
  echo "deb-src file:$place/repository bookworm main" >"$place/parts/mine.list"
  mkdir -p "$place/sources/lwip-2.1.3/src/core"
  bring
  expect_header patched
  [[ ! -e $place/sources/lwip-2.1.3/src/core ]] || fail "the old half is still there"
}

"$1"
