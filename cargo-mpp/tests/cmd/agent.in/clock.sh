# A small MCP server with one tool.
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
  case $line in
    *'"initialize"'*) answer='"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"clock","version":"1.0"}}' ;;
    *'"tools/list"'*) answer='"result":{"tools":[{"name":"now","description":"'$ABOUT'","inputSchema":{"type":"object"}}]}' ;;
    *'"server/discover"'*) answer='"error":{"code":-32601,"message":"no such method"}' ;;
    *) continue ;;
  esac
  printf '{"jsonrpc":"2.0","id":%s,%s}\n' "$id" "$answer"
done
