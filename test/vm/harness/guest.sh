# Runs commands for the harness. It connects to the host, and gets one line a command: ID SECONDS BASE64-OF-A-BASH-SCRIPT.
# Each result goes back over a connection of its own: "ID STATUS", then the output and the error output in base64.
port=$1

answer() {
  local id=$1 seconds=$2 script=$3 status
  timeout -k 2 "$seconds" bash -c "$(base64 -d <<<"$script")" \
    >"/run/$id.out" 2>"/run/$id.err" </dev/null 3>&-
  status=$?
  {
    echo "$id $status"
    base64 -w0 "/run/$id.out"
    echo
    base64 -w0 "/run/$id.err"
    echo
  } >"/dev/tcp/10.0.2.2/$port"
  rm -f "/run/$id.out" "/run/$id.err"
}

exec 3<>"/dev/tcp/10.0.2.2/$port"
echo ready >&3
while read -r id seconds script <&3; do
  answer "$id" "$seconds" "$script" &
done
