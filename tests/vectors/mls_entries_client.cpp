// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Vectors of a client that only follows: Welcomes, and groups that others move.
#include <algorithm>
#include <map>

#include "mls/framing.h"
#include "mls/group.h"
#include "mls/key_schedule.h"
#include "mls/welcome.h"
#include "tests/vectors/mls_entries.h"

namespace cercle::vectors {

using namespace mls;

namespace {

class ListedPsks final : public PskSource {
  public:
    explicit ListedPsks(const Json& list) {
        for (const Json& one : list)
            values_[unhex(one.at("psk_id"))] = unhex(one.at("psk"));
    }

    Result<Secret> external_psk(BytesView id) const override {
        const auto found = values_.find(to_bytes(id));
        if (found == values_.end()) return fail(Code::psk_unknown, "not in the vector");
        return Secret::copy_of(found->second);
    }

  private:
    std::map<Bytes, Bytes> values_;
};

}  // namespace

void try_welcome(const Suite& suite, const Json& entry, Trial& trial) {
    const auto message = codec::decode<MlsMessage>(unhex(entry.at("welcome")));
    const auto package = codec::decode<MlsMessage>(unhex(entry.at("key_package")));
    const auto key = kem_key(suite, entry.at("init_priv"));
    if (!trial.expect(message && package && key, "decoding")) return;
    const auto* const welcome = std::get_if<Welcome>(&message->content);
    const auto* const keys = std::get_if<KeyPackage>(&package->content);
    if (!trial.expect(welcome != nullptr && keys != nullptr, "kinds")) return;
    const auto ref = key_package_ref(*keys);
    if (!trial.expect(ref.has_value(), "key package")) return;
    const auto found =
        std::ranges::find(welcome->secrets, *ref, &EncryptedGroupSecrets::new_member);
    if (!trial.expect(found != welcome->secrets.end(), "new_member")) return;
    const auto encoded = decrypt_with_label(
        suite, *key, "Welcome", welcome->encrypted_group_info, found->encrypted_group_secrets);
    if (!trial.expect(encoded.has_value(), "encrypted_group_secrets")) return;
    const auto secrets = codec::decode<GroupSecrets>(encoded->reveal());
    if (!trial.expect(secrets.has_value(), "group secrets")) return;
    const Secret member =
        derive_member_secret(suite, secrets->joiner_secret, combine_psks(suite, {}));
    const auto info = decrypt_group_info(
        suite, derive_welcome_secret(suite, member), welcome->encrypted_group_info);
    if (!trial.expect(info.has_value(), "encrypted_group_info")) return;
    trial.expect(verify_group_info(suite, *info, unhex(entry.at("signer_pub"))).has_value(),
                 "GroupInfo signature");
    const EpochSecrets epoch = derive_epoch_secrets(
        suite, derive_epoch_secret(suite, member, codec::encode((*info)->context)));
    trial.expect(mac(suite, epoch.confirmation, (*info)->context.confirmed_transcript_hash) ==
                     (*info)->confirmation_tag,
                 "confirmation_tag");
}

void try_passive_client(const Suite& suite, const Json& entry, Trial& trial) {
    const auto why = [&](const auto& result, std::string_view what) {
        if (result) return true;
        return trial.expect(false,
                            std::string(what) + ": " + std::string(rule_name(result.error().code)));
    };
    const auto message = codec::decode<MlsMessage>(unhex(entry.at("key_package")));
    auto init_key = kem_key(suite, entry.at("init_priv"));
    auto leaf_key = kem_key(suite, entry.at("encryption_priv"));
    const auto key = signing_key(suite, unhex(entry.at("signature_priv")));
    if (!trial.expect(message && init_key && leaf_key && key, "keys")) return;
    const auto* const package = std::get_if<KeyPackage>(&message->content);
    if (!trial.expect(package != nullptr, "key_package")) return;
    const auto bundle = KeyPackageBundle::of(*package, *std::move(init_key), *std::move(leaf_key));
    if (!why(bundle, "bundle")) return;

    const CredulousJudge judge;
    const ListedPsks psks(entry.at("external_psks"));
    // Some time within the key package's own.
    const std::uint64_t start = (*package)->leaf->origin.lifetime.not_before;
    if (!trial.expect(start < std::uint64_t{1} << 40U, "lifetime")) return;
    const Surroundings around{judge, WallTime(std::chrono::seconds(start + 3600)), &psks};
    const Bytes tree = unhex(entry.at("ratchet_tree"));
    auto group = Group::join(unhex(entry.at("welcome")),
                             *bundle,
                             *key,
                             around,
                             tree.empty() ? std::nullopt : std::optional<BytesView>(tree));
    if (!why(group, "joining")) return;
    trial.expect(same(group->epoch_authenticator(), entry.at("initial_epoch_authenticator")),
                 "initial_epoch_authenticator");
    for (const Json& epoch : entry.at("epochs")) {
        for (const Json& proposal : epoch.at("proposals")) {
            if (!why(group->receive(unhex(proposal), around), "proposal")) return;
        }
        auto received = group->receive(unhex(epoch.at("commit")), around);
        if (!why(received, "commit")) return;
        auto* const staged = std::get_if<StagedEpoch>(&*received);
        if (!trial.expect(staged != nullptr, "a commit that gives no epoch")) return;
        if (!why(group->apply(std::move(*staged)), "apply")) return;
        trial.expect(same(group->epoch_authenticator(), epoch.at("epoch_authenticator")),
                     "epoch_authenticator");
        // Storing and loading in between must make no difference.
        const Saved saved = group->save();
        auto loaded = Group::load(saved.public_part, saved.secret_part, *key);
        if (!why(loaded, "load")) return;
        trial.expect(loaded->save().public_part == saved.public_part, "saved again");
        group = std::move(loaded);
    }
}

}  // namespace cercle::vectors
