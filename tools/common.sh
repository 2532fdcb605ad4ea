# Sourced by the scripts in tools/ and by .ci/run: messages, quiet commands, configuring and building.
# Everything it says goes to standard error.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
  note "$@"
  exit 2
}

# quietly WHAT COMMAND...: runs COMMAND; shows what it printed only when it fails.
quietly() {
  local what=$1 log status=0 begin=$SECONDS
  shift
  note "$what ..."
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if ((status == 0)); then
    note "$what: done in $((SECONDS - begin)) s"
  else
    cat "$log" >&2
    note "$what: failed; the command was: $*"
  fi
  rm -f "$log"
  return "$status"
}

# build DIRECTORY TARGET: one moving line of progress on a terminal, silence elsewhere.
build() {
  local command=(cmake --build "$1" --target "$2" --parallel "$(nproc)")
  if [[ -t 2 ]]; then
    note "building ${1#"$root"/}"
    "${command[@]}" >&2
  else
    quietly "building ${1#"$root"/}" "${command[@]}" -- --quiet
  fi
}

# build_program PRESET: build/PRESET/bin/tcptwin alone. A build tree that tools/test made stays as it is, so that
# neither command makes the other compile anything twice.
build_program() {
  local tree="$root/build/$1"
  if [[ ! -e $tree/build.ninja ]]; then
    quietly "configuring build/$1" cmake -S "$root" --preset "$1" -DTCPTWIN_TESTS=OFF || return
  fi
  build "$tree" tcptwin
}

# become_root: puts what makes a command root's, if anything is needed, into as_root. Fails where nothing does.
become_root() {
  as_root=()
  ((EUID == 0)) && return
  command -v sudo >/dev/null && as_root=(sudo)
}

# apt WORD...: apt-get by root (see above) without a question; what it prints is added to the file $log.
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
    apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >>"$log" 2>&1 </dev/null
}
