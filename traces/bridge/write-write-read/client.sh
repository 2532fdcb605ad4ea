#!/usr/bin/env bash
# Five questions to server, each in two writes, and its answers.
exec 3<>/dev/tcp/10.77.0.2/7000
for _ in 1 2 3 4 5; do
  printf 'question: ' >&3
  printf 'how is it?' >&3
  head -c 10 <&3 >/dev/null
done
