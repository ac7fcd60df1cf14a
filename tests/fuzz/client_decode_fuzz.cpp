// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What lies in a home beside the vault, what goes through its socket, and what a vault keeps
// encoded in its rows.
#include <string>

#include "client/answering_word.h"
#include "client/api.h"
#include "client/conversation.h"
#include "client/drawer_report.h"
#include "client/local_frames.h"
#include "client/outbox.h"
#include "client/owner.h"
#include "client/policy.h"
#include "client/saved_keys.h"
#include "client/slot.h"
#include "client/trust_file.h"
#include "tests/fuzz/round_trip.h"
#include "tests/must.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;

client::Self somebody() {
    vectors::SeededRandom random(1);
    const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    auto root =
        must(identity::Authority::found(WallTime{std::chrono::hours(500'000)}, random)).root();
    return {"relay:1",
            {},
            {},
            {},
            std::move(root),
            {},
            key.copy(),
            key.copy(),
            {},
            Secret(32),
            key.copy(),
            {}};
}

void trust_lines(BytesView bytes) {
    static client::Self self = somebody();
    if (!client::apply_trust_lines(to_text(bytes), self)) return;
    // Whatever they were, a relay can be looked for.
    must(net::Address::parse(self.relay).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    if (data[0] == 255) {
        trust_lines(BytesView(data, size).subspan(1));
        return 0;
    }
    fuzz::round_trip_one_of<client::Command,
                            client::Event,
                            client::Request,
                            client::LocalRequest,
                            client::LocalAnswer,
                            client::Change,
                            client::Policy,
                            client::Slot,
                            client::SavedKeys,
                            client::Doubt,
                            client::DrawerReport,
                            client::AnsweringWord>({data, size});
    return 0;
}
