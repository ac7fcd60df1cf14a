// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a newcomer shows to a group, and a group to a newcomer (RFC 9420 sections 10 and 12.4.3).

#include "mls/forge/opened.h"
#include "tests/must.h"
#include "tests/tampering/proof.h"

namespace {

using namespace cercle;
using namespace cercle::mls;
using namespace cercle::tampering;

constexpr std::string_view key_package_label = "KeyPackageTBS";

/// Denise's key package, and who would let her in.
struct Door {
    Circle circle;
    Person denise = Person::called(circle.suite, "Denise", circle.random);
    KeyPackageBundle bundle = circle.package_of(denise);

    explicit Door(SuiteId suite = SuiteId::X25519Aes128Sha256Ed25519)
        : circle(suite) {}

    Result<void> show(KeyPackageFields package) const {
        TRY_VOID(VerifiedKeyPackage::from_message(
            codec::encode(MlsMessage{KeyPackage(std::move(package))}), circle.around()));
        return {};
    }

    /// Signed anew around whatever is in it.
    [[nodiscard]] KeyPackageFields resigned(KeyPackageFields package) const {
        package.signature.clear();
        const Bytes encoded = codec::encode(package);
        package.signature = sign_with_label(
            denise.key, key_package_label, BytesView(encoded).first(encoded.size() - 1));
        return package;
    }
};

Present key_package_signature(SuiteId suite) {
    return [door = std::make_shared<Door>(suite)](const Change& change) {
        KeyPackageFields package = *door->bundle.package();
        package.signature = change(package.signature);
        return door->show(std::move(package));
    };
}

const Registration key_package{
    {.name = "MLS: the signature of a key package",
     .labels = {key_package_label},
     .judged_in = {"mls/key_package.cpp"},
     .refusal = Code::key_package_signature,
     .prepare = [] { return key_package_signature(SuiteId::X25519Aes128Sha256Ed25519); }}};

const Registration key_package_nist{
    {.name = "MLS: the signature of a key package, of ECDSA",
     .labels = {key_package_label},
     .judged_in = {"mls/key_package.cpp"},
     .refusal = Code::key_package_signature,
     .prepare = [] { return key_package_signature(SuiteId::P256Aes128Sha256P256); }}};

const Registration leaf{{.name = "MLS: the signature of the leaf in a key package",
                         .labels = {"LeafNodeTBS"},
                         .judged_in = {"mls/leaf_node.cpp"},
                         .refusal = Code::leaf_signature,
                         .prepare = []() -> Present {
                             return [door = std::make_shared<Door>()](const Change& change) {
                                 KeyPackageFields package = *door->bundle.package();
                                 LeafNode node = *package.leaf;
                                 node.signature = change(node.signature);
                                 package.leaf = Leaf(std::move(node));
                                 return door->show(door->resigned(std::move(package)));
                             };
                         }}};

/// Denise's Welcome into the group of Anna and Boris.
struct Arrival {
    Door door{};
    OpenedWelcome welcome = made();

    Circle& circle() { return door.circle; }

    OpenedWelcome made() {
        circle().found("Anna");
        circle().add(0, {"Boris"});
        Intents intents;
        intents.adds.push_back(circle().verified(door.bundle));
        return OpenedWelcome::open(
            circle().suite, door.bundle, circle().commit(0, intents).welcome);
    }

    /// Anna, who made the GroupInfo, signs it anew.
    [[nodiscard]] Bytes resigned(GroupInfoFields info) {
        info = *sign_group_info(std::move(info), circle().people[0].key);
        return welcome.with_info(std::move(info), circle().random);
    }

    Result<void> show(BytesView message) {
        TRY_VOID(Group::join(message, door.bundle, door.denise.key, circle().around()));
        return {};
    }
};

/// `make` gives the Welcome in which `change` was applied to one thing.
template <class Make>
Present welcome_with(Make make) {
    return [arrival = std::make_shared<Arrival>(), make](const Change& change) {
        return arrival->show(make(*arrival, change));
    };
}

const Registration group_info_signature{
    {.name = "MLS: the signature of a GroupInfo",
     .labels = {"GroupInfoTBS"},
     .judged_in = {"mls/welcome.cpp"},
     .refusal = Code::group_info_signature,
     .prepare = [] {
         return welcome_with([](Arrival& arrival, const Change& change) {
             GroupInfoFields info = arrival.welcome.info;
             info.signature = change(info.signature);
             return arrival.welcome.with_info(std::move(info), arrival.circle().random);
         });
     }}};

const Registration group_info_tag{
    {.name = "MLS: the confirmation tag in a GroupInfo",
     .labels = {},
     .judged_in = {"mls/group_join.cpp"},
     .refusal = Code::confirmation_tag,
     .prepare = [] {
         return welcome_with([](Arrival& arrival, const Change& change) {
             GroupInfoFields info = arrival.welcome.info;
             info.confirmation_tag = change(info.confirmation_tag);
             return arrival.resigned(std::move(info));
         });
     }}};

// Its tag: each of the other bits costs an encryption of the group secrets to the newcomer, and is
// under the same tag.
const Registration encrypted_group_info{
    {.name = "MLS: the tag of the encrypted GroupInfo of a Welcome",
     .labels = {},
     .judged_in = {"mls/welcome.cpp"},
     .refusal = Code::forged,
     .prepare = [] {
         return welcome_with([](Arrival& arrival, const Change& change) {
             const BytesView sealed = arrival.welcome.welcome.encrypted_group_info;
             Bytes changed = to_bytes(sealed.first(sealed.size() - crypto::aead_tag_size));
             append(changed, change(sealed.last(crypto::aead_tag_size)));
             return arrival.welcome.with_encrypted_info(std::move(changed),
                                                        arrival.circle().random);
         });
     }}};

// The encapsulation and the ciphertext after each other.
const Registration group_secrets{
    {.name = "MLS: the encrypted group secrets of a Welcome",
     .labels = {"Welcome"},
     .judged_in = {"mls/group_join.cpp"},
     .refusal = Code::forged,
     .prepare = [] {
         return welcome_with([](Arrival& arrival, const Change& change) {
             const HpkeCiphertext& sealed =
                 arrival.welcome.welcome.secrets[0].encrypted_group_secrets;
             Bytes both = sealed.kem_output;
             append(both, sealed.ciphertext);
             both = change(both);
             const std::size_t split = std::min(sealed.kem_output.size(), both.size());
             return arrival.welcome.with_group_secrets({to_bytes(BytesView(both).first(split)),
                                                        to_bytes(BytesView(both).subspan(split))});
         });
     }}};

/// Anna's leaf in the tree of a group that she has committed in, changed by `spoil` and judged as
/// a newcomer does who was given that tree.
template <class Spoil>
Present leaf_of_tree(Spoil spoil) {
    auto circle = std::make_shared<Circle>();
    circle->found("Anna");
    circle->add(0, {"Boris"});
    circle->follow(0, circle->commit(0));
    const Forge anna = Forge::of(circle->groups[0], circle->people[0].key);
    const RatchetTree tree = anna.state.tree;
    return
        [circle, tree, context = *anna.state.context, spoil](const Change& change) -> Result<void> {
            RatchetTree changed = tree;
            changed.set_leaf(
                {0}, spoil(*tree.leaf({0})->open(), change, circle->people[0].key, context));
            TRY(auto unchecked, codec::decode<UncheckedTree>(codec::encode(changed)));
            TRY_VOID(std::move(unchecked).validate(
                circle->suite, context.group_id, context.extensions, circle->judge));
            return {};
        };
}

const Registration tree_leaf{{.name = "MLS: the signature of a leaf in a tree",
                              .labels = {"LeafNodeTBS"},
                              .judged_in = {"mls/leaf_node.cpp"},
                              .refusal = Code::leaf_signature,
                              .prepare = [] {
                                  return leaf_of_tree([](LeafNode node,
                                                         const Change& change,
                                                         const crypto::SigningKey& /*key*/,
                                                         const GroupContext& /*context*/) {
                                      node.signature = change(node.signature);
                                      return Leaf(std::move(node));
                                  });
                              }}};

const Registration tree_parent_hash{
    {.name = "MLS: the parent hash of a leaf in a tree",
     .labels = {},
     .judged_in = {"mls/tree_validation.cpp"},
     .refusal = Code::parent_hash,
     .prepare = [] {
         return leaf_of_tree([](LeafNode node,
                                const Change& change,
                                const crypto::SigningKey& key,
                                const GroupContext& context) {
             node.origin.parent_hash = change(node.origin.parent_hash);
             return sign_leaf(std::move(node), {context.group_id, {0}}, key);
         });
     }}};

}  // namespace
