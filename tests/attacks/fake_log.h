// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// FakeLog: a log as an operator would like some devices to read it. He has no key, but he computes
// positions and chain hashes like anybody, so that no device sees a fault in them by themselves.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "relay/chain.h"
#include "tests/town/town.h"

namespace cercle::attacks {

class FakeLog {
  public:
    /// The genuine one, to begin with.
    FakeLog(town::Town& town, protocol::LogId log)
        : town_(town),
          log_(log) {
        const auto looked = town.store().look([&](relay::LogTables& tables) -> Result<void> {
            TRY(entries, tables.entries(log, {1}, {1'000'000}, 1'000'000, std::size_t{1} << 30U));
            return {};
        });
        if (!looked) entries.clear();
    }

    /// These homes read it from now on instead of the relay's; everybody if none is named.
    void show_to(const std::set<std::string>& homes = {}) {
        renumber();
        for (const std::string& home : homes)
            victims_.insert(town_.device_key(home));
        town_.its_operator().on_request(
            [this](town::Session session,
                   const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
                const auto* read = std::get_if<protocol::Read>(&request);
                if (read == nullptr || read->log != log_ || !is_shown_to(session)) {
                    return std::nullopt;
                }
                return answer(*read);
            });
        // Devices look only when there is something to read.
        town_.its_operator().rewrite([](town::Session /*session*/, protocol::FromRelay& said) {
            auto* response = std::get_if<protocol::Response>(&said);
            if (response == nullptr) return;
            auto* opened = std::get_if<protocol::Opened>(&response->body);
            if (opened != nullptr) opened->head = {opened->head.value + 1'000'000};
        });
    }

    std::vector<protocol::Entry> entries;

  private:
    [[nodiscard]] bool is_shown_to(town::Session session) const {
        if (victims_.empty()) return true;
        const auto device = town_.its_operator().device(session);
        return device && victims_.contains(*device);
    }

    void renumber() {
        protocol::ChainHash chain;
        protocol::Seq seq;
        for (protocol::Entry& entry : entries) {
            entry.seq = seq = seq.next();
            entry.chain = chain = relay::chain_after(chain, log_, entry);
        }
    }

    [[nodiscard]] protocol::Entries answer(const protocol::Read& read) const {
        protocol::Entries found{{}, {entries.size()}};
        for (const protocol::Entry& entry : entries) {
            if (entry.seq > read.after) found.entries.push_back(entry);
        }
        return found;
    }

    town::Town& town_;
    protocol::LogId log_;
    std::set<protocol::DeviceKey> victims_;
};

}  // namespace cercle::attacks
