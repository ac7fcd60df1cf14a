// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Vectors of the parts: tree math, codec, labelled cryptography, key schedule, secret tree.
#include "codec/tls.h"
#include "mls/framing.h"
#include "mls/key_schedule.h"
#include "mls/message_protection.h"
#include "mls/transcript.h"
#include "mls/tree_math.h"
#include "mls/tree_validation.h"
#include "tests/vectors/mls_entries.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::vectors {

using namespace mls;

Secret unhex_secret(const Json& hex) {
    return Secret::copy_of(unhex(hex));
}

bool same(const Secret& ours, const Json& hex) {
    return to_bytes(ours.reveal()) == unhex(hex);
}

namespace {

/// The working group's keys of P-521 are numbers written without the zeros in front.
Bytes in_full(bool is_number, Bytes written, std::size_t size) {
    if (is_number && written.size() < size) {
        written.insert(written.begin(), size - written.size(), std::uint8_t{0});
    }
    return written;
}

}  // namespace

Result<crypto::KemKey> kem_key(const Suite& suite, const Json& hex) {
    const crypto::KemAlgorithm kem = suite.hpke.kem;
    return crypto::KemKey::from_secret(
        kem,
        in_full(
            kem == crypto::KemAlgorithm::DhkemP521, unhex(hex), crypto::kem_private_key_size(kem)));
}

Result<crypto::SigningKey> signing_key(const Suite& suite, Bytes secret) {
    const crypto::SignatureAlgorithm algorithm = suite.signature;
    return crypto::SigningKey::from_secret(
        algorithm,
        in_full(algorithm == crypto::SignatureAlgorithm::EcdsaP521Sha512,
                std::move(secret),
                crypto::signing_secret_size(algorithm)));
}

namespace {

bool is_node(std::optional<NodeIndex> ours, const Json& theirs) {
    if (theirs.is_null()) return !ours.has_value();
    return ours && ours->value == theirs.get<std::uint32_t>();
}

/// Of what HKDF is to give; throws where it gives none of that length (RFC 5869 section 2.3).
std::size_t length_of(const Suite& suite, const Json& derivation) {
    const auto length = derivation.at("length").get<std::size_t>();
    if (length > 255 * suite.digest_size()) throw std::invalid_argument("a length beyond HKDF's");
    return length;
}

template <class Wanted>
void round_trip(const Json& hex, std::string_view name, Trial& trial) {
    const Bytes encoded = unhex(hex);
    const auto decoded = codec::decode<Wanted>(encoded);
    if (!trial.expect(decoded.has_value(), name)) return;
    trial.expect(codec::encode(*decoded) == encoded, name);
    // Every truncation must be refused, not crash.
    if (encoded.size() < 2000) {
        for (std::size_t size = 0; size < encoded.size(); size += 7) {
            trial.expect(!codec::decode<Wanted>(BytesView(encoded).first(size)), name);
        }
    }
}

}  // namespace

void try_tree_math(const Json& entry, Trial& trial) {
    const auto size = TreeSize::for_leaves(entry.at("n_leaves").get<std::uint64_t>());
    if (!trial.expect(size.has_value(), "n_leaves")) return;
    trial.expect(size->nodes() == entry.at("n_nodes").get<std::uint32_t>(), "n_nodes");
    trial.expect(is_node(size->root(), entry.at("root")), "root");
    for (NodeIndex at{0}; at.value < size->nodes(); ++at.value) {
        const bool leaf = is_leaf(at);
        trial.expect(is_node(leaf ? std::nullopt : std::optional(left_of(at)),
                             entry.at("left").at(at.value)),
                     "left");
        trial.expect(is_node(leaf ? std::nullopt : std::optional(right_of(at)),
                             entry.at("right").at(at.value)),
                     "right");
        trial.expect(is_node(parent_of(at, *size), entry.at("parent").at(at.value)), "parent");
        trial.expect(is_node(sibling_of(at, *size), entry.at("sibling").at(at.value)), "sibling");
    }
}

void try_deserialization(const Json& entry, Trial& trial) {
    const Bytes header = unhex(entry.at("vlbytes_header"));
    const auto expected = entry.at("length").get<std::size_t>();
    codec::Reader reader(header);
    const auto length = reader.length();
    trial.expect(length && *length == expected && reader.at_end(), "length");
    // RFC 9420 section 2.1.2: no length takes more than 30 bits.
    if (!trial.expect(expected < 1U << 30U, "length")) return;
    codec::Writer writer;
    writer.length(expected);
    trial.expect(writer.bytes() == header, "header");
}

void try_messages(const Json& entry, Trial& trial) {
    round_trip<MlsMessage>(entry.at("mls_welcome"), "mls_welcome", trial);
    round_trip<MlsMessage>(entry.at("mls_group_info"), "mls_group_info", trial);
    round_trip<MlsMessage>(entry.at("mls_key_package"), "mls_key_package", trial);
    const Bytes tree = unhex(entry.at("ratchet_tree"));
    const auto unchecked = codec::decode<UncheckedTree>(tree);
    if (trial.expect(unchecked.has_value(), "ratchet_tree")) {
        trial.expect(codec::encode(unchecked->unchecked()) == tree, "ratchet_tree again");
    }
    round_trip<GroupSecrets>(entry.at("group_secrets"), "group_secrets", trial);
    round_trip<Add>(entry.at("add_proposal"), "add_proposal", trial);
    round_trip<Update>(entry.at("update_proposal"), "update_proposal", trial);
    round_trip<Remove>(entry.at("remove_proposal"), "remove_proposal", trial);
    round_trip<PreSharedKey>(entry.at("pre_shared_key_proposal"), "pre_shared_key", trial);
    round_trip<ReInit>(entry.at("re_init_proposal"), "re_init_proposal", trial);
    round_trip<ExternalInit>(entry.at("external_init_proposal"), "external_init", trial);
    round_trip<GroupContextExtensions>(
        entry.at("group_context_extensions_proposal"), "group_context_extensions", trial);
    round_trip<Commit>(entry.at("commit"), "commit", trial);
    round_trip<MlsMessage>(entry.at("public_message_application"), "public application", trial);
    round_trip<MlsMessage>(entry.at("public_message_proposal"), "public proposal", trial);
    round_trip<MlsMessage>(entry.at("public_message_commit"), "public commit", trial);
    round_trip<MlsMessage>(entry.at("private_message"), "private_message", trial);
    trial.expect(peek(unhex(entry.at("private_message"))).has_value(), "peek, private");
    trial.expect(peek(unhex(entry.at("public_message_commit"))).has_value(), "peek, public");
}

void try_crypto_basics(const Suite& suite, const Json& entry, Trial& trial) {
    const auto text = [](const Json& json) { return json.get<std::string>(); };
    const Json& ref = entry.at("ref_hash");
    trial.expect(
        ref_hash(suite, text(ref.at("label")), unhex(ref.at("value"))) == unhex(ref.at("out")),
        "ref_hash");

    const Json& expand = entry.at("expand_with_label");
    trial.expect(same(expand_with_label(suite,
                                        unhex_secret(expand.at("secret")),
                                        text(expand.at("label")),
                                        unhex(expand.at("context")),
                                        length_of(suite, expand)),
                      expand.at("out")),
                 "expand_with_label");

    const Json& derive = entry.at("derive_secret");
    trial.expect(
        same(derive_secret(suite, unhex_secret(derive.at("secret")), text(derive.at("label"))),
             derive.at("out")),
        "derive_secret");

    const Json& tree = entry.at("derive_tree_secret");
    trial.expect(same(derive_tree_secret(suite,
                                         unhex_secret(tree.at("secret")),
                                         text(tree.at("label")),
                                         tree.at("generation").get<std::uint32_t>(),
                                         length_of(suite, tree)),
                      tree.at("out")),
                 "derive_tree_secret");

    const Json& sign = entry.at("sign_with_label");
    const std::string label = text(sign.at("label"));
    const Bytes content = unhex(sign.at("content"));
    const Bytes public_key = unhex(sign.at("pub"));
    trial.expect(verify_with_label(suite, public_key, label, content, unhex(sign.at("signature")))
                     .has_value(),
                 "verify_with_label");
    const auto key = signing_key(suite, unhex(sign.at("priv")));
    if (!trial.expect(key.has_value(), "signature key")) return;
    trial.expect(
        verify_with_label(suite, public_key, label, content, sign_with_label(*key, label, content))
            .has_value(),
        "sign_with_label");

    const Json& sealed = entry.at("encrypt_with_label");
    const auto opener = kem_key(suite, sealed.at("priv"));
    if (!trial.expect(opener.has_value(), "encryption key")) return;
    trial.expect(opener->public_key() == unhex(sealed.at("pub")), "public encryption key");
    const std::string purpose = text(sealed.at("label"));
    const Bytes context = unhex(sealed.at("context"));
    const auto opened =
        decrypt_with_label(suite,
                           *opener,
                           purpose,
                           context,
                           {unhex(sealed.at("kem_output")), unhex(sealed.at("ciphertext"))});
    trial.expect(opened && same(*opened, sealed.at("plaintext")), "decrypt_with_label");
    SeededRandom random(1);
    const auto ours = encrypt_with_label(
        suite, opener->public_key(), purpose, context, unhex(sealed.at("plaintext")), random);
    if (!trial.expect(ours.has_value(), "encrypt_with_label")) return;
    const auto again = decrypt_with_label(suite, *opener, purpose, context, *ours);
    trial.expect(again && same(*again, sealed.at("plaintext")), "encrypt and decrypt");
}

void try_secret_tree(const Suite& suite, const Json& entry, Trial& trial) {
    const Json& data = entry.at("sender_data");
    const MessageKey sender = sender_data_key(
        suite, unhex_secret(data.at("sender_data_secret")), unhex(data.at("ciphertext")));
    trial.expect(same(sender.key, data.at("key")), "sender data key");
    trial.expect(same(sender.nonce, data.at("nonce")), "sender data nonce");

    const Json& leaves = entry.at("leaves");
    const auto size = TreeSize::for_leaves(leaves.size());
    if (!trial.expect(size.has_value(), "leaves")) return;
    SecretTree tree(*size, unhex_secret(entry.at("encryption_secret")));
    for (std::uint32_t leaf = 0; leaf < leaves.size(); ++leaf) {
        for (const Json& step : leaves.at(leaf)) {
            const auto generation = step.at("generation").get<std::uint32_t>();
            const auto check = [&](RatchetKind kind, const char* key, const char* nonce) {
                auto found = tree.look_up(suite, {leaf}, kind, generation);
                if (!trial.expect(found.has_value(), key)) return;
                trial.expect(same(found->key.key, step.at(key)), key);
                trial.expect(same(found->key.nonce, step.at(nonce)), nonce);
                tree.take(*std::move(found));
                trial.expect(!tree.look_up(suite, {leaf}, kind, generation), "a key taken twice");
            };
            check(RatchetKind::Handshake, "handshake_key", "handshake_nonce");
            check(RatchetKind::Application, "application_key", "application_nonce");
        }
    }
}

void try_key_schedule(const Suite& suite, const Json& entry, Trial& trial) {
    Secret init = unhex_secret(entry.at("initial_init_secret"));
    GroupContext context;
    context.suite = suite.id;
    context.group_id = unhex(entry.at("group_id"));
    for (const Json& epoch : entry.at("epochs")) {
        context.tree_hash = unhex(epoch.at("tree_hash"));
        context.confirmed_transcript_hash = unhex(epoch.at("confirmed_transcript_hash"));
        const Bytes encoded = codec::encode(context);
        trial.expect(encoded == unhex(epoch.at("group_context")), "group_context");
        const Secret joiner =
            derive_joiner_secret(suite, init, unhex_secret(epoch.at("commit_secret")), encoded);
        trial.expect(same(joiner, epoch.at("joiner_secret")), "joiner_secret");
        const Secret member =
            derive_member_secret(suite, joiner, unhex_secret(epoch.at("psk_secret")));
        trial.expect(same(derive_welcome_secret(suite, member), epoch.at("welcome_secret")),
                     "welcome_secret");
        EpochSecrets secrets =
            derive_epoch_secrets(suite, derive_epoch_secret(suite, member, encoded));
        trial.expect(same(secrets.init, epoch.at("init_secret")), "init_secret");
        trial.expect(same(secrets.sender_data, epoch.at("sender_data_secret")), "sender data");
        trial.expect(same(secrets.encryption, epoch.at("encryption_secret")), "encryption");
        trial.expect(same(secrets.exporter, epoch.at("exporter_secret")), "exporter_secret");
        trial.expect(same(secrets.authenticator, epoch.at("epoch_authenticator")), "authenticator");
        trial.expect(same(secrets.external, epoch.at("external_secret")), "external_secret");
        trial.expect(same(secrets.confirmation, epoch.at("confirmation_key")), "confirmation_key");
        trial.expect(same(secrets.membership, epoch.at("membership_key")), "membership_key");
        trial.expect(same(secrets.resumption, epoch.at("resumption_psk")), "resumption_psk");
        trial.expect(
            external_key(suite, secrets.external).public_key() == unhex(epoch.at("external_pub")),
            "external_pub");
        const Json& exported = epoch.at("exporter");
        trial.expect(same(export_from(suite,
                                      secrets.exporter,
                                      exported.at("label").get<std::string>(),
                                      unhex(exported.at("context")),
                                      length_of(suite, exported)),
                          exported.at("secret")),
                     "exporter");
        init = std::move(secrets.init);
        context.epoch = context.epoch.next();
    }
}

void try_psk_secret(const Suite& suite, const Json& entry, Trial& trial) {
    std::vector<Psk> psks;
    for (const Json& one : entry.at("psks")) {
        PskId id;
        id.external_id = unhex(one.at("psk_id"));
        id.nonce = unhex(one.at("psk_nonce"));
        psks.push_back({std::move(id), unhex_secret(one.at("psk"))});
    }
    trial.expect(same(combine_psks(suite, psks), entry.at("psk_secret")), "psk_secret");
}

void try_transcript_hashes(const Suite& suite, const Json& entry, Trial& trial) {
    const auto commit =
        codec::decode<AuthenticatedContent>(unhex(entry.at("authenticated_content")));
    if (!trial.expect(commit && commit->auth.confirmation_tag, "authenticated_content")) return;
    const Bytes confirmed = confirmed_transcript_hash(
        suite, unhex(entry.at("interim_transcript_hash_before")), *commit);
    trial.expect(confirmed == unhex(entry.at("confirmed_transcript_hash_after")), "confirmed");
    const Bytes& tag = *commit->auth.confirmation_tag;
    trial.expect(interim_transcript_hash(suite, confirmed, tag) ==
                     unhex(entry.at("interim_transcript_hash_after")),
                 "interim");
    trial.expect(equal_in_constant_time(
                     mac(suite, unhex_secret(entry.at("confirmation_key")), confirmed), tag),
                 "confirmation_tag");
}

}  // namespace cercle::vectors
