#!/bin/sh
# Reads directories of a test from descriptor 3, a line each, until the test has ended, by kill -9 as well. Ends what still runs in
# those that it has left behind, and removes them.
homes=$(cat <&3)
for home in $homes; do
  [ -d "$home" ] || continue
  for process in /proc/[0-9]*; do
    # PostgreSQL works in its data directory; orderd is given its configuration.
    case "$(readlink "$process/cwd")/ $(tr '\0' ' ' <"$process/cmdline")" in
      "$home"/* | *" $home/orderd.ini "*) kill -KILL "${process#/proc/}" ;;
    esac
  done 2>/dev/null
  for try in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf "$home" 2>/dev/null && break
    sleep 0.2 # somebody was still about to end
  done
done
