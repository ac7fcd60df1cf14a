// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Locked: a device that is opened by a PIN, as the relay meets it. Safe: unlock shares and their
// anchor on two disks in memory, which are brought back, damaged and crashed as a test likes.
// For tests of several folders, and for fuzz targets: no Catch2.

#include <algorithm>
#include <string>

#include "crypto/hash.h"
#include "relay/share_sqlite.h"
#include "relay/unlock_shares.h"
#include "store/simulated_disk.h"
#include "tests/stage/stage.h"

namespace cercle::relay::stage {

struct Locked {
    DeviceKey device = DeviceKey::random(chance());
    SigningKey pre_unlock = new_key();
    SigningKey next = new_key();
    Secret salt = new_token();
    Secret share = new_token();
    std::string pin = "2580";
    int wrong_pins = 0;

    [[nodiscard]] HolderKey key() const { return as<HolderKey>(pre_unlock); }

    [[nodiscard]] Locked copy() const {
        return {device, pre_unlock.copy(), next.copy(), salt.copy(), share.copy(), pin, wrong_pins};
    }

    /// As docs/spec/unlock-share.md says, but for Argon2id, which takes too long for a test.
    [[nodiscard]] Secret guess_of(std::string_view typed, const HolderKey& under) const {
        const auto stretched = crypto::sha256({salt.reveal(), view_of(typed)});
        return Secret::copy_of(
            crypto::hmac(crypto::HashAlgorithm::Sha256, stretched, under.view()));
    }

    [[nodiscard]] Secret guess_of(std::string_view typed) const { return guess_of(typed, key()); }

    [[nodiscard]] protocol::PutShare request() const {
        return {key(), hash_of(access::Right::Unlock, guess_of(pin)), share.copy()};
    }

    [[nodiscard]] protocol::Guess guess_at(std::string_view typed) const {
        const auto next_key = as<HolderKey>(next);
        return {
            guess_of(typed), next_key, hash_of(access::Right::Unlock, guess_of(typed, next_key))};
    }

    [[nodiscard]] protocol::Guess right_guess() const { return guess_at(pin); }

    /// Another one each time.
    [[nodiscard]] protocol::Guess wrong_guess() {
        return guess_at("wrong " + std::to_string(++wrong_pins));
    }

    /// After a right guess.
    void move_on() {
        pre_unlock = std::move(next);
        next = new_key();
    }

    [[nodiscard]] Asker asker() const {
        Asker asker;
        asker.kind = Asker::Kind::Holder;
        asker.holder = key();
        return asker;
    }
};

class Safe {
  public:
    using Image = store::SimulatedDisk::Image;
    enum class With : std::uint8_t { Anchor, NoAnchor };
    enum class Harm : std::uint8_t { Removed, Damaged, Older, OfAnother };

    explicit Safe(With anchor = With::Anchor) { reopen(anchor); }

    Safe(const Safe&) = delete;
    Safe& operator=(const Safe&) = delete;

    /// Errors: those of UnlockShares::open.
    Result<void> try_open(With anchor) {
        shares.reset();
        TRY(auto opened, open_sqlite_shares(disk.place(path), chance()));
        std::unique_ptr<Anchor> place;
        if (anchor == With::Anchor) place = std::make_unique<FailingAnchor>(*this);
        TRY(shares, UnlockShares::open(std::move(opened), std::move(place)));
        return {};
    }

    void reopen(With anchor = With::Anchor) { must(try_open(anchor).has_value()); }

    Result<void> put(const Locked& phone) {
        return shares->put(phone.device, phone.request(), now);
    }

    Result<protocol::Guessed> guess(const Locked& phone, const protocol::Guess& guess) {
        return shares->guess(phone.key(), guess, now);
    }

    /// What was refused, or Code::unknown if nothing was.
    Code refusal(const Locked& phone, const protocol::Guess& guess) {
        const auto answer = shares->guess(phone.key(), guess, now);
        return answer.has_value() ? Code::unknown : answer.error().code;
    }

    /// The data directory, as a copy of the disk has it.
    [[nodiscard]] Image data() const { return disk.image(); }

    /// The directory of before, beside the anchor of now.
    void bring_back(const Image& image) {
        shares.reset();
        disk.restore(image);
        reopen();
    }

    /// Does something to the anchor; `meanwhile`, the shares go on.
    template <class Meanwhile>
    void harm_anchor(Harm harm, const Meanwhile& meanwhile) {
        const Image before = anchor_disk.image();
        meanwhile();
        shares.reset();
        Image image = anchor_disk.image();
        if (harm == Harm::Removed) image.clear();
        if (harm == Harm::Damaged) image.at(anchor_path).at(0) ^= 1U;
        if (harm == Harm::Older) image = before;
        if (harm == Harm::OfAnother) image.at(anchor_path).at(20) ^= 1U;
        anchor_disk.restore(image);
        reopen();
    }

    /// Whether those bytes stand anywhere on the disk.
    [[nodiscard]] bool holds(const Secret& wanted) const {
        const BytesView bytes = wanted.reveal();
        return std::ranges::any_of(disk.image(), [&bytes](const auto& file) {
            return !std::ranges::search(file.second, bytes).empty();
        });
    }

    static constexpr const char* path = "/relay/shares.db";
    static constexpr const char* anchor_path = "/anchor/cercle";

    store::SimulatedDisk disk{chance()};
    store::SimulatedDisk anchor_disk{chance()};
    bool anchor_fails = false;
    Stamp now{1'800'000'000'000};
    std::unique_ptr<UnlockShares> shares{};

  private:
    class FailingAnchor final : public Anchor {
      public:
        explicit FailingAnchor(Safe& safe)
            : safe_(safe),
              file_(safe.anchor_disk, anchor_path) {}

        Result<std::optional<ShareTally>> read() override { return file_.read(); }

        Result<void> write(const ShareTally& tally) override {
            if (safe_.anchor_fails) return fail(Code::disk_fault, "a test's fault");
            return file_.write(tally);
        }

      private:
        Safe& safe_;
        FileAnchor file_;
    };
};

}  // namespace cercle::relay::stage
