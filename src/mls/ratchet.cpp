// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/ratchet.h"

#include "base/check.h"
#include "crypto/aead.h"

namespace cercle::mls {
namespace {

// ratchet_key_[N]_[j]      = DeriveTreeSecret(ratchet_secret_[N]_[j], "key", j, AEAD.Nk)
// ratchet_nonce_[N]_[j]    = DeriveTreeSecret(ratchet_secret_[N]_[j], "nonce", j, AEAD.Nn)
// ratchet_secret_[N]_[j+1] = DeriveTreeSecret(ratchet_secret_[N]_[j], "secret", j, KDF.Nh)
class Step {
  public:
    Step(const Suite& suite, const Secret& secret, std::uint32_t generation)
        : suite_(suite),
          derivation_(suite, secret),
          generation_(generation) {}

    [[nodiscard]] MessageKey key() const {
        return {derivation_.derive_in_tree("key", generation_, suite_.key_size()),
                derivation_.derive_in_tree("nonce", generation_, crypto::aead_nonce_size)};
    }

    [[nodiscard]] Secret secret_after() const {
        return derivation_.derive_in_tree("secret", generation_, suite_.digest_size());
    }

  private:
    const Suite& suite_;
    Derivation derivation_;
    std::uint32_t generation_;
};

struct SkippedKey {
    std::uint32_t generation = 0;
    MessageKey key;

    auto fields(this auto& self) { return std::tie(self.generation, self.key); }
};

}  // namespace

Result<Ratchet::Found> Ratchet::look_up(const Suite& suite, std::uint32_t generation) const {
    if (generation == last_generation) {
        return fail(Code::generation_exhausted, "a generation after which there is none");
    }
    Found found;
    found.generation = generation;
    if (generation < next_) {
        const auto kept = skipped_.find(generation);
        if (kept == skipped_.end()) {
            return fail(Code::already_received, "the key of this message has been used or dropped");
        }
        found.key = kept->second.copy();
        found.was_skipped = true;
        return found;
    }
    if (generation - next_ > most_generations_ahead) {
        return fail(Code::generation_too_far, "a message too far ahead of its sender's last one");
    }
    Secret secret = secret_.copy();
    for (std::uint32_t at = next_; at < generation; ++at) {
        const Step step(suite, secret, at);
        if (generation - at <= most_skipped_keys) {
            found.skipped_on_the_way.emplace(at, step.key());
        }
        secret = step.secret_after();
    }
    const Step step(suite, secret, generation);
    found.key = step.key();
    found.secret_after = step.secret_after();
    return found;
}

void Ratchet::take(Found&& found) {
    if (found.was_skipped) {
        skipped_.erase(found.generation);
        return;
    }
    CHECK(found.generation >= next_, "a message key taken twice");
    secret_ = std::move(found.secret_after);
    next_ = found.generation + 1;
    skipped_.merge(std::move(found.skipped_on_the_way));
    forget_skipped(most_skipped_keys);
}

void Ratchet::forget_skipped(std::size_t most) {
    while (skipped_.size() > most)
        skipped_.erase(skipped_.begin());
}

void Ratchet::encode_to(codec::Writer& writer) const {
    codec::write(writer, secret_);
    codec::write(writer, next_);
    codec::Writer counter = codec::Writer::counting();
    const auto write_keys = [&](codec::Writer& target) {
        for (const auto& [generation, key] : skipped_) {
            codec::write(target, generation);
            codec::write(target, key);
        }
    };
    write_keys(counter);
    writer.length(counter.size());
    write_keys(writer);
}

Result<Ratchet> Ratchet::decode_from(codec::Reader& reader) {
    Ratchet ratchet;
    TRY(ratchet.secret_, codec::read<Secret>(reader));
    TRY(ratchet.next_, codec::read<std::uint32_t>(reader));
    TRY(auto kept, codec::read<std::vector<SkippedKey>>(reader));
    for (SkippedKey& key : kept) {
        const bool rises =
            ratchet.skipped_.empty() || key.generation > ratchet.skipped_.rbegin()->first;
        if (!rises || key.generation >= ratchet.next_) {
            return fail(Code::not_canonical, "skipped keys out of order");
        }
        ratchet.skipped_.emplace(key.generation, std::move(key.key));
    }
    return ratchet;
}

}  // namespace cercle::mls
