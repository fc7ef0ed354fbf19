# Sourced by the scripts that test and measure: what they need beside the .NET SDK, installed where that can be done, and only if missing.

free_port() {
  local port
  while port=$(( 12000 + RANDOM % 20000 )); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || (exec 3<>"/dev/tcp/127.0.0.1/$(( port + 1 ))") 2>/dev/null; do :; done
  echo "$port"
}

# install_test_tools WORK_DIR: tests of a client that can't be had say that they were skipped.
install_test_tools() {
  local packages=()
  [ -z "${CAROUSEL_TEST_KAFKA_HOME:-}" ] || command -v java >/dev/null || packages+=(openjdk-17-jre-headless)
  command -v kcat >/dev/null || packages+=(kcat)
  [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import confluent_kafka' 2>/dev/null || packages+=(python3-confluent-kafka)
  if [ ${#packages[@]} -gt 0 ] && command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
    say "Installing ${packages[*]} ..."
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}"; } >"$1/apt.log" 2>&1 || { say "That failed:"; tail -n 5 "$1/apt.log" >&2; }
  fi
  local kafkajs=$root/tests/Carousel.Conformance.Tests/KafkaJs
  if [ ! -d "$kafkajs/node_modules" ] && command -v npm >/dev/null; then
    say "Installing kafkajs ..."
    (cd "$kafkajs" && npm ci --ignore-scripts --no-audit --no-fund) >"$1/npm.log" 2>&1 || { say "That failed:"; tail -n 5 "$1/npm.log" >&2; }
  fi
}
