// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/hpke.h"

#include <utility>

#include "base/check.h"
#include "crypto/labeled.h"

namespace cercle::crypto {
namespace {

std::size_t identifier(HashAlgorithm kdf) {
    switch (kdf) {
        case HashAlgorithm::Sha256:
            return 0x0001;
        case HashAlgorithm::Sha384:
            return 0x0002;
        case HashAlgorithm::Sha512:
            return 0x0003;
    }
    end_on_bug("a hash algorithm that does not exist");
}

std::size_t identifier(AeadAlgorithm aead) {
    switch (aead) {
        case AeadAlgorithm::Aes128Gcm:
            return 0x0001;
        case AeadAlgorithm::Aes256Gcm:
            return 0x0002;
        case AeadAlgorithm::ChaCha20Poly1305:
            return 0x0003;
    }
    end_on_bug("an AEAD algorithm that does not exist");
}

LabeledKdf kdf_of(const HpkeSuite& suite) {
    Bytes id = to_bytes("HPKE");
    append_uint16(id, static_cast<std::size_t>(suite.kem));
    append_uint16(id, identifier(suite.kdf));
    append_uint16(id, identifier(suite.aead));
    return {.algorithm = suite.kdf, .suite_id = std::move(id)};
}

/// KeySchedule of RFC 9180 section 5.1, in base mode: no psk, no sender key. A context is used
/// for one message or one export and forgotten, so its sequence number is always 0, and the
/// nonce of that is base_nonce itself.
class Schedule {
  public:
    Schedule(const HpkeInfo& info, const Secret& shared)
        : suite_(info.suite()),
          kdf_(kdf_of(suite_)),
          secret_(kdf_.extract(shared.reveal(), "secret", {})),
          context_(info.schedule_context()) {}

    [[nodiscard]] Secret key() const { return part("key", aead_key_size(suite_.aead)); }

    [[nodiscard]] Secret nonce() const { return part("base_nonce", aead_nonce_size); }

    [[nodiscard]] Secret exported(BytesView context, std::size_t size) const {
        const Secret exporter = part("exp", digest_size(suite_.kdf));
        return kdf_.expand(exporter.reveal(), "sec", context, size);
    }

  private:
    [[nodiscard]] Secret part(std::string_view label, std::size_t size) const {
        return kdf_.expand(secret_.reveal(), label, context_, size);
    }

    const HpkeSuite& suite_;
    LabeledKdf kdf_;
    Secret secret_;
    const Bytes& context_;
};

}  // namespace

HpkeInfo::HpkeInfo(const HpkeSuite& suite, std::initializer_list<BytesView> info)
    : suite_(suite) {
    const LabeledKdf kdf = kdf_of(suite);
    constexpr std::uint8_t mode_base = 0x00;
    schedule_context_.push_back(mode_base);
    append(schedule_context_, kdf.extract({}, "psk_id_hash", {}).reveal());
    append(schedule_context_, kdf.extract({}, "info_hash", info).reveal());
}

Result<HpkeCiphertext> hpke_encrypt(const HpkeSuite& suite,
                                    BytesView public_key,
                                    BytesView info,
                                    BytesView associated,
                                    BytesView plaintext,
                                    Random& random) {
    return hpke_encrypt(HpkeInfo(suite, {info}), public_key, associated, plaintext, random);
}

Result<HpkeCiphertext> hpke_encrypt(const HpkeInfo& info,
                                    BytesView public_key,
                                    BytesView associated,
                                    BytesView plaintext,
                                    Random& random) {
    TRY(Encapsulated sent, encapsulate(info.suite().kem, public_key, random));
    const Schedule schedule(info, sent.shared);
    Bytes ciphertext = aead_encrypt(info.suite().aead,
                                    schedule.key().reveal(),
                                    schedule.nonce().reveal(),
                                    associated,
                                    plaintext);
    return HpkeCiphertext{std::move(sent.encapsulation), std::move(ciphertext)};
}

Result<Secret> hpke_decrypt(const HpkeSuite& suite,
                            const KemKey& key,
                            BytesView info,
                            BytesView associated,
                            BytesView encapsulation,
                            BytesView ciphertext) {
    return hpke_decrypt(HpkeInfo(suite, {info}), key, associated, encapsulation, ciphertext);
}

Result<Secret> hpke_decrypt(const HpkeInfo& info,
                            const KemKey& key,
                            BytesView associated,
                            BytesView encapsulation,
                            BytesView ciphertext) {
    CHECK(key.algorithm() == info.suite().kem, "an HPKE key of another suite");
    const Result<Secret> shared = key.decapsulate(encapsulation);
    // One answer for everything, so that a sender learns nothing from which step refused.
    if (!shared.has_value()) return fail(Code::forged, "a ciphertext does not open");
    const Schedule schedule(info, *shared);
    return aead_decrypt_secret(info.suite().aead,
                               schedule.key().reveal(),
                               schedule.nonce().reveal(),
                               associated,
                               ciphertext);
}

Result<HpkeExported> hpke_send_export(const HpkeSuite& suite,
                                      BytesView public_key,
                                      BytesView info,
                                      BytesView context,
                                      std::size_t size,
                                      Random& random) {
    TRY(Encapsulated sent, encapsulate(suite.kem, public_key, random));
    const HpkeInfo hashed(suite, {info});
    return HpkeExported{std::move(sent.encapsulation),
                        Schedule(hashed, sent.shared).exported(context, size)};
}

Result<Secret> hpke_receive_export(const HpkeSuite& suite,
                                   const KemKey& key,
                                   BytesView info,
                                   BytesView encapsulation,
                                   BytesView context,
                                   std::size_t size) {
    CHECK(key.algorithm() == suite.kem, "an HPKE key of another suite");
    TRY(const Secret shared, key.decapsulate(encapsulation));
    const HpkeInfo hashed(suite, {info});
    return Schedule(hashed, shared).exported(context, size);
}

}  // namespace cercle::crypto
