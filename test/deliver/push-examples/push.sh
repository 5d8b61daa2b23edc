#!/bin/sh
# Sends a file of NDJSON rows: HASHFALL_SECRET=whsec_... sh push.sh rows.ndjson http://127.0.0.1:8080/api/v1/samples?sender=farm-kz
set -eu
body=$(cat "$1"); id=$(openssl rand -hex 16); at=$(date +%s)
key=$(printf %s "${HASHFALL_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
signature=$(printf %s "$id.$at.$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
printf %s "$body" | curl -sS "$2" --data-binary @- -H 'content-type: application/x-ndjson' \
  -H "webhook-id: $id" -H "webhook-timestamp: $at" -H "webhook-signature: v1,$signature"
