// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/serve.h"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/diary.h"
#include "net/signals.h"
#include "net/tls_network.h"
#include "relay/server.h"

namespace cercle::relayd {

Exit serve(DataDirectory data, const net::Address& address) {
    StderrDiary diary;
    net::Loop loop(net::Loop::Kind::Real);
    net::StopSignals signals(loop);
    net::TlsNetwork network(loop);
    auto server = relay::Server::start(
        loop, loop.clock(), network, address, data.identity, *data.logs, diary);
    if (!server.has_value()) return report(server.error(), "cannot listen there");

    print_line(nlohmann::ordered_json{{"v", 1},
                                      {"type", "ready"},
                                      {"listen", (*server)->address().text()},
                                      {"key", data.identity.key().hex()},
                                      {"pid", ::getpid()}}
                   .dump());
    const auto stopped = loop.run_until(signals.wait());
    diary.info("draining");
    const auto drained = loop.run_until((*server)->stop());
    if (!stopped.has_value()) return report(stopped.error(), "serving ended");
    if (!drained.has_value()) return report(drained.error(), "stopping");
    diary.info("stopped");
    return Exit::Done;
}

}  // namespace cercle::relayd
