// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/kem.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "base/check.h"
#include "crypto/dhkem.h"
#include "crypto/hybrid_kem.h"
#include "crypto/ml_kem.h"
#include "crypto/raw_key.h"

namespace cercle::crypto {
namespace {

constexpr std::string_view xwing_label = R"(\./)"
                                         R"(/^\)";

using AnyKem = std::variant<Dhkem, MlKem, HybridKem>;

/// One row each, in no particular order.
constexpr std::array<AnyKem, 10> rows{
    Dhkem{KemAlgorithm::DhkemX25519, x25519, HashAlgorithm::Sha256},
    HybridKem{KemAlgorithm::XWing, ml_kem_768, x25519, xwing_label, 32},
    Dhkem{KemAlgorithm::DhkemP256, p256, HashAlgorithm::Sha256},
    Dhkem{KemAlgorithm::DhkemP384, p384, HashAlgorithm::Sha384},
    Dhkem{KemAlgorithm::DhkemP521, p521, HashAlgorithm::Sha512},
    Dhkem{KemAlgorithm::DhkemX448, x448, HashAlgorithm::Sha512},
    MlKem{KemAlgorithm::MlKem768, ml_kem_768},
    MlKem{KemAlgorithm::MlKem1024, ml_kem_1024},
    HybridKem{KemAlgorithm::MlKem768P256, ml_kem_768, p256, "MLKEM768-P256", 128},
    HybridKem{KemAlgorithm::MlKem1024P384, ml_kem_1024, p384, "MLKEM1024-P384", 48},
};

KemAlgorithm id_of(const AnyKem& row) {
    return std::visit([](const Kem auto& kem) { return kem.id; }, row);
}

/// What `use` makes of an algorithm's row.
template <class Use>
auto with(KemAlgorithm algorithm, const Use& use) {
    const auto* const row = std::ranges::find(rows, algorithm, id_of);
    CHECK(row != rows.end(), "a KEM that does not exist");
    return std::visit([&use](const Kem auto& kem) { return use(kem); }, *row);
}

}  // namespace

std::span<const KemAlgorithm> all_kems() {
    static const auto all = [] {
        std::array<KemAlgorithm, rows.size()> ids{};
        std::ranges::transform(rows, ids.begin(), id_of);
        return ids;
    }();
    return all;
}

std::size_t kem_public_key_size(KemAlgorithm algorithm) {
    return with(algorithm, [](const Kem auto& kem) { return kem.public_key_size(); });
}

std::size_t kem_private_key_size(KemAlgorithm algorithm) {
    return with(algorithm, [](const Kem auto& kem) { return kem.secret_size(); });
}

std::size_t kem_encapsulation_size(KemAlgorithm algorithm) {
    return with(algorithm, [](const Kem auto& kem) { return kem.encapsulation_size(); });
}

KemKey::KemKey(KemAlgorithm algorithm, Secret secret, ExpandedKey expanded)
    : algorithm_(algorithm),
      secret_(std::move(secret)),
      expanded_(std::move(expanded)) {}

KemKey KemKey::generate(KemAlgorithm algorithm, Random& random) {
    Secret input(kem_private_key_size(algorithm));
    random.fill(input.expose());
    return derive(algorithm, input.reveal());
}

KemKey KemKey::derive(KemAlgorithm algorithm, BytesView input) {
    Secret secret = with(algorithm, [input](const Kem auto& kem) { return kem.derive(input); });
    Result<KemKey> key = from_secret(algorithm, secret.reveal());
    CHECK(key.has_value(), "a derived key is not a key");
    return *std::move(key);
}

Result<KemKey> KemKey::from_secret(KemAlgorithm algorithm, BytesView secret) {
    if (secret.size() != kem_private_key_size(algorithm)) {
        return fail(Code::invalid_key, "a private key of the wrong size");
    }
    TRY(ExpandedKey expanded,
        with(algorithm, [secret](const Kem auto& kem) { return kem.expand(secret); }));
    return KemKey(algorithm, Secret::copy_of(secret), std::move(expanded));
}

Result<Secret> KemKey::decapsulate(BytesView encapsulation) const {
    if (encapsulation.size() != kem_encapsulation_size(algorithm_)) {
        return fail(Code::invalid_key, "an encapsulation of the wrong size");
    }
    return with(algorithm_,
                [&](const Kem auto& kem) { return kem.decapsulate(expanded_, encapsulation); });
}

KemKey KemKey::copy() const {
    return {algorithm_,
            secret_.copy(),
            {expanded_.public_key, share(expanded_.curve), share(expanded_.lattice)}};
}

Result<Encapsulated> encapsulate(KemAlgorithm algorithm, BytesView public_key, Random& random) {
    if (public_key.size() != kem_public_key_size(algorithm)) {
        return fail(Code::invalid_key, "a public key of the wrong size");
    }
    return with(algorithm,
                [&](const Kem auto& kem) { return kem.encapsulate(public_key, random); });
}

}  // namespace cercle::crypto
