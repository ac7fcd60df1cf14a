// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a stranger may say on a WebSocket: the same is heard, and the same refused, however the
// bytes are cut; and no message is over its bound. The first byte says how they are cut.
#include "net/websocket_reader.h"
#include "tests/fuzz/round_trip.h"

namespace {

using namespace cercle;
using net::WebSocketReader;

constexpr std::size_t largest = 300;

struct Said {
    Bytes all;
    std::size_t count = 0;
    bool refused = false;

    friend bool operator==(const Said&, const Said&) = default;
};

Said read(BytesView bytes, std::size_t step) {
    WebSocketReader reader(largest);
    Said said;
    while (!bytes.empty()) {
        BytesView piece = bytes.first(std::min(step, bytes.size()));
        bytes = bytes.subspan(piece.size());
        while (true) {
            const auto heard = reader.take(piece);
            said.refused = !heard.has_value();
            if (said.refused) return said;
            if (!*heard) break;
            fuzz::must_hold((*heard)->body.size() <= largest);
            said.all.push_back(static_cast<std::uint8_t>((*heard)->kind));
            said.all.insert(said.all.end(), (*heard)->body.begin(), (*heard)->body.end());
            ++said.count;
        }
        fuzz::must_hold(piece.empty());
    }
    return said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView bytes = BytesView(data, size).subspan(1);
    fuzz::must_hold(read(bytes, data[0] + std::size_t{1}) == read(bytes, size));
    return 0;
}
