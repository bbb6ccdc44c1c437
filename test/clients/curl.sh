#!/usr/bin/env bash
# curl against the sandbox: the forms of a request that scripts use.
set -euo pipefail

# expect PATTERN DESCRIPTION curl-arguments...
expect() {
  local pattern=$1 what=$2 answer
  shift 2
  answer=$(curl -sS --cacert "$CERTIFICATE" -w ' HTTP:%{http_code}' "$@")
  if ! grep -qE -- "$pattern" <<<"$answer"; then
    printf 'FAIL %s\n  want %s\n  got  %s\n' "$what" "$pattern" "$answer" >&2
    exit 1
  fi
  printf 'ok   %s\n' "$what"
}

rest="https://$DOMAIN/rest"
expect '"result":true.*HTTP:200' 'form body' -d ID=5 -d NAME=Clara -d 'UF_DEPARTMENT[]=2' "${WEBHOOK}user.update"
expect '"NAME":"Clara".*HTTP:200' 'query' "${WEBHOOK}user.get.json?ID=5"
expect '"result":true' 'JSON body' -H 'Content-Type: application/json' -d '{"ID":5,"NAME":"Dora"}' "${WEBHOOK}user.update.json"
expect '"NAME":"Dora"' 'filter in brackets' -G --data-urlencode 'FILTER[=NAME]=Dora' "${WEBHOOK}user.get"
expect '<NAME>Dora</NAME>' 'XML' "${WEBHOOK}user.get.xml?ID=5"
expect '"NAME":"Dora"' 'multipart' -F ID=5 "${WEBHOOK}user.get"
expect '"ID":"5"' 'token in the query' "$rest/user.get?auth=$TOKEN&ID=5"
expect '"ID":"5"' 'token in the body' -d "auth=$TOKEN" -d ID=5 "$rest/user.get"
expect '"error":"NO_AUTH_FOUND".*HTTP:401' 'no token' "$rest/user.get?ID=5"
expect '"error":"ERROR_METHOD_NOT_FOUND".*HTTP:404' 'unknown method' "${WEBHOOK}user.dance"
expect '"u":\{"ID":"1".*"d":\[\{"ID":"1"' 'batch with a reference' \
  -d 'cmd[u]=user.current' --data-urlencode 'cmd[d]=department.get?ID=$result[u][UF_DEPARTMENT][0]' "${WEBHOOK}batch"
