# Which version of the agent runs: the package's own, or one that came as an update. The launcher reads this file, as the service's account and
# never as root: what lies in the versions' folder that account may change.
#
# "current" in that folder says it in one line: NAME good|trial STARTS PREVIOUS. The agent writes it when it switches, and again when the new version has
# shown that it is healthy. A version on trial that was started three times without that goes back to PREVIOUS; "failed" then says so to the agent. Each
# line is there whole after a power cut, or the one before it is.
versions=${FLASHLINE_VERSIONS-/var/lib/flashline/versions}
most_starts=3

# put FILE LINE: false where it cannot be written.
put() {
  printf '%s\n' "$2" >"$versions/.$1.new" 2>/dev/null && sync "$versions/.$1.new" &&
    mv -f "$versions/.$1.new" "$versions/$1" && sync "$versions"
}

is_there() {
  case $1 in
    package) return 0 ;;
    '' | .* | *[!A-Za-z0-9.+-]*) return 1 ;;
    *) [ -f "$versions/$1/app/main.mjs" ] ;;
  esac
}

# Ends a version on trial that neither works nor dies. It is nobody's child, so that it leaves no zombie with the agent.
watch_trial() {
  agent=$$
  trial=$1
  (
    (
      waited=0
      while [ "$waited" -lt "${FLASHLINE_HEALTH_S:-60}" ]; do
        sleep 1
        waited=$((waited + 1))
        kill -0 "$agent" 2>/dev/null || exit 0
        read -r now state rest <"$versions/current" || exit 0
        [ "$now $state" = "$trial trial" ] || exit 0
      done
      put said "It was not healthy within ${FLASHLINE_HEALTH_S:-60} s."
      kill -KILL "$agent"
    ) </dev/null >/dev/null 2>&1 &
  )
}

started=package
name='' state='' starts='' previous=''
if [ -r "$versions/current" ]; then
  read -r name state starts previous <"$versions/current" || true
fi
case $state in
  good)
    if is_there "$name"; then started=$name; fi
    ;;
  trial)
    is_there "$previous" || previous=package
    case $starts in '' | *[!0-9]*) starts=$most_starts ;; esac
    if [ "${1-}" != run ]; then
      started=$previous
    elif [ "$starts" -lt "$most_starts" ] && is_there "$name" &&
      put current "$name trial $((starts + 1)) $previous"; then
      started=$name
      watch_trial "$name"
    else
      # Should the power fail between the two, the same is done again.
      put failed "$name" && put current "$previous good 0 package" || true
      started=$previous
    fi
    ;;
esac
export FLASHLINE_VERSIONS="$versions" FLASHLINE_LAUNCHER=1 FLASHLINE_STARTED="$started"
if [ "$started" != package ]; then app=$versions/$started/app; fi
