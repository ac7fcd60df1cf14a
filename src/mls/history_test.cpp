// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Histories drawn from a seed: members write, renew their keys, become others, commit in the open
// or not, are stored and loaded, come and go, and what they write is lost, late and doubled on its
// way. What must hold afterwards holds whatever was drawn.
#include <algorithm>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "mls/forge/grown_group.h"

namespace cercle::mls {
namespace {

struct Letter {
    std::size_t number = 0;
    Epoch epoch;
    LeafIndex sender;
    Bytes message;
    std::string text;
};

struct Device {
    crypto::SigningKey key;  // of the leaf that stands in the tree
    Group group;
    std::vector<Letter> held_back{};
    std::set<std::size_t> opened{};
};

class History {
  public:
    History(SuiteId suite, std::uint32_t members, std::uint64_t seed)
        : grown_(**find_suite(suite), members),
          dice_(seed) {
        for (LeafIndex at{0}; at.value < members; ++at.value) {
            devices_.push_back({grown_.signing_key(at).copy(), grown_.of(at)});
        }
        next_number_ = members;
    }

    void step() {
        switch (dice_.below(7)) {
            case 0:
            case 1:
            case 2:
                return write();
            case 3:
                return deliver_some_of_the_late();
            case 4:
                propose_an_update();
                [[fallthrough]];
            case 5:
                store_and_load(anybody());
                [[fallthrough]];
            default:
                commit();
        }
    }

    /// Everything that is still on its way arrives.
    void end() {
        for (Device& device : devices_) {
            for (const Letter& letter : std::exchange(device.held_back, {}))
                arrive(device, letter);
        }
        check_agreement();
    }

  private:
    Device& anybody() { return devices_[dice_.below(devices_.size())]; }

    void write() {
        Device& sender = anybody();
        Letter letter{++letters_,
                      sender.group.epoch(),
                      sender.group.own_index(),
                      {},
                      "letter " + std::to_string(letters_)};
        auto message =
            sender.group.protect(view_of(letter.text), {}, dice_.below(32), grown_.random());
        REQUIRE(message);
        letter.message = *std::move(message);
        for (Device& device : devices_) {
            if (&device == &sender) continue;
            const std::size_t fate = dice_.below(8);
            if (fate == 0) continue;  // lost
            if (fate < 3) {
                device.held_back.push_back(letter);
                continue;
            }
            arrive(device, letter);
            if (fate == 3) arrive(device, letter);
        }
        for (Device& device : gone_)
            CHECK_FALSE(device.group.receive(letter.message, grown_.around()));
    }

    void arrive(Device& device, const Letter& letter) {
        const auto received = device.group.receive(letter.message, grown_.around());
        const std::uint64_t age = device.group.epoch().value - letter.epoch.value;
        if (age > past_epochs) {
            CHECK(rule_of(received) == "mls-epoch-gone");
        } else if (!device.opened.insert(letter.number).second) {
            CHECK(rule_of(received) == "mls-already-received");
        } else {
            INFO(rule_of(received));
            REQUIRE(received);
            const auto* const opened = std::get_if<ApplicationMessage>(&*received);
            REQUIRE(opened != nullptr);
            CHECK(to_text(opened->content) == letter.text);
            CHECK(opened->sender.index == letter.sender);
            CHECK(opened->epoch == letter.epoch);
        }
    }

    void deliver_some_of_the_late() {
        for (Device& device : devices_) {
            if (device.held_back.empty() || dice_.below(2) == 0) continue;
            const std::size_t which = dice_.below(device.held_back.size());
            const Letter letter = device.held_back[which];
            device.held_back.erase(device.held_back.begin() + static_cast<std::ptrdiff_t>(which));
            arrive(device, letter);
        }
    }

    void propose_an_update() {
        Device& proposer = anybody();
        choose_framing(proposer);
        const auto key = new_key();
        const auto identity = identity_with(key);
        const auto message =
            proposer.group.propose_update({identity ? &*identity : nullptr}, {}, grown_.random());
        INFO(rule_of(message));
        REQUIRE(message);
        for (Device& device : devices_) {
            if (&device == &proposer) continue;
            REQUIRE(device.group.receive(*message, grown_.around()));
        }
    }

    void choose_framing(Device& device) {
        device.group.send_handshakes(dice_.below(3) == 0 ? HandshakeFraming::Public
                                                         : HandshakeFraming::Private);
    }

    /// A new signature key, or none.
    std::optional<crypto::SigningKey> new_key() {
        if (dice_.below(3) != 0) return std::nullopt;
        return crypto::SigningKey::generate(devices_.front().key.algorithm(), grown_.random());
    }

    /// A new credential with it.
    std::optional<NewIdentity> identity_with(const std::optional<crypto::SigningKey>& key) {
        if (!key) return std::nullopt;
        const std::string name = "another " + std::to_string(++names_);
        return std::optional<NewIdentity>(
            std::in_place, *key, basic_credential(view_of(name)), grown_.around().judge);
    }

    /// A device stores beside its group the key that the group says it signs with.
    static void take_over(Device& device) {
        device.key = device.group.signing_key().copy();
        CHECK(device.key.public_key() ==
              device.group.member(device.group.own_index())->signature_key);
    }

    void store_and_load(Device& device) {
        const Saved saved = device.group.save();
        auto loaded = Group::load(saved.public_part, saved.secret_part, device.key);
        INFO(rule_of(loaded));
        REQUIRE(loaded);
        CHECK(same_bytes(loaded->save(), saved));
        device.group = *std::move(loaded);
    }

    void commit() {
        const std::size_t committer = dice_.below(devices_.size());
        choose_framing(devices_[committer]);
        Intents intents;
        auto key = new_key();
        const auto identity = identity_with(key);
        if (identity) intents.leaf.identity = &*identity;
        std::optional<std::pair<KeyPackageBundle, crypto::SigningKey>> newcomer;
        if (dice_.below(3) == 0) {
            newcomer = grown_.newcomer(next_number_++);
            auto verified = VerifiedKeyPackage::verify(newcomer->first.package(), grown_.around());
            REQUIRE(verified);
            intents.adds.push_back(*std::move(verified));
        }
        std::optional<std::size_t> removed;
        if (dice_.below(3) == 0 && devices_.size() > 2) {
            removed = (committer + 1 + dice_.below(devices_.size() - 1)) % devices_.size();
            intents.removes.push_back(devices_[*removed].group.own_index());
        }
        auto staged = devices_[committer].group.stage_commit(intents, {}, grown_.random());
        INFO(rule_of(staged));
        REQUIRE(staged);
        const Bytes welcome = staged->welcome;
        for (Device& device : gone_)
            CHECK_FALSE(device.group.receive(staged->commit, grown_.around()));
        for (std::size_t at = 0; at < devices_.size(); ++at) {
            if (at == committer) continue;
            Group& group = devices_[at].group;
            auto received = group.receive(staged->commit, grown_.around());
            INFO(rule_of(received));
            REQUIRE(received);
            if (removed == at) {
                CHECK(std::get_if<Eviction>(&*received) != nullptr);
                continue;
            }
            auto* const epoch = std::get_if<StagedEpoch>(&*received);
            REQUIRE(epoch != nullptr);
            REQUIRE(group.apply(std::move(*epoch)));
            take_over(devices_[at]);
        }
        REQUIRE(devices_[committer].group.merge(*std::move(staged)));
        take_over(devices_[committer]);
        if (removed) {
            gone_.push_back(std::move(devices_[*removed]));
            devices_.erase(devices_.begin() + static_cast<std::ptrdiff_t>(*removed));
        }
        if (newcomer) {
            auto joined = Group::join(welcome, newcomer->first, newcomer->second, grown_.around());
            INFO(rule_of(joined));
            REQUIRE(joined);
            devices_.push_back({std::move(newcomer->second), *std::move(joined)});
        }
        check_agreement();
    }

    void check_agreement() const {
        const Group& first = devices_.front().group;
        for (const Device& device : devices_) {
            CHECK(device.group.epoch() == first.epoch());
            CHECK(device.group.epoch_authenticator() == first.epoch_authenticator());
            CHECK(device.group.roster().size() == devices_.size());
        }
        for (const Device& device : gone_) {
            CHECK_FALSE(device.group.epoch_authenticator() == first.epoch_authenticator());
        }
    }

    GrownGroup grown_;
    vectors::SeededRandom dice_;
    std::vector<Device> devices_;
    std::vector<Device> gone_;
    std::uint32_t next_number_ = 0;
    std::size_t letters_ = 0;
    std::size_t names_ = 0;
};

void play(SuiteId suite, std::uint32_t members, std::size_t steps, std::uint64_t seed) {
    INFO("seed " << seed << ", members " << members);
    History history(suite, members, seed);
    for (std::size_t step = 0; step < steps; ++step)
        history.step();
    history.end();
}

TEST_CASE("whatever is lost, late or doubled, members agree and who is gone hears nothing") {
    for (std::uint32_t seed = 1; seed <= 5; ++seed) {
        play(SuiteId::X25519Aes128Sha256Ed25519, 2 + seed % 4, 60, seed);
        play(SuiteId::X25519Aes128Sha256Ed25519, 8 + seed, 40, seed);
    }
}

TEST_CASE("the same in the hybrid suite") {
    for (std::uint32_t seed = 1; seed <= 3; ++seed)
        play(SuiteId::XWingAes256Sha384Ed25519, 2 + seed, 40, seed);
}

TEST_CASE("the same in groups of up to two hundred") {
    play(SuiteId::X25519Aes128Sha256Ed25519, 60, 10, 1);
    play(SuiteId::X25519Aes128Sha256Ed25519, 200, 8, 2);
}

}  // namespace
}  // namespace cercle::mls
