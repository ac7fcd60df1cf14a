// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/pages.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "client/circle_policy.h"
#include "client/sight.h"
#include "client/transparency.h"
#include "codec/tls.h"
#include "officer/pictures.h"

namespace cercle::officer {
namespace {

namespace sight = client::sight;
namespace transparency = client::transparency;
using identity::DirectoryPage;
using identity::MemberId;
using identity::Sections;
using identity::Sight;

Result<std::vector<Sight>> all_sights(store::Transaction& transaction) {
    TRY(auto rows,
        (transaction.all<std::string, std::string>(
            "SELECT one, other FROM sights ORDER BY one, other")));
    std::vector<Sight> sights;
    for (auto& [one, other] : rows)
        sights.push_back({std::move(one), std::move(other)});
    return sights;
}

/// A part has room for so many, with all else that a page may say.
constexpr std::size_t most_leaves_of_one = 1000;

/// Everybody's sections, and who of them is seen from some.
class View {
  public:
    static Result<View> from(store::Transaction& transaction, const Sections& sections) {
        View view;
        TRY(const auto sights, all_sights(transaction));
        TRY(const auto rows,
            (transaction.all<MemberId, std::string>("SELECT member, sections FROM members")));
        std::vector<Sections> all;
        for (const auto& [member, text] : rows) {
            const Sections theirs = sight::sections_from(text);
            if (!identity::see_each_other(sections, theirs, sights)) continue;
            view.members_.insert(member);
            all.push_back(theirs);
        }
        // A rule about people whom one does not see would name their section.
        for (const Sight& rule : sights) {
            const auto is_about_seen = [&all](const std::string& word) {
                return word == identity::everybody || word == identity::nobodys ||
                       std::ranges::any_of(
                           all, [&](const Sections& one) { return identity::means(word, one); });
            };
            if (is_about_seen(rule.one) && is_about_seen(rule.other)) view.sights_.push_back(rule);
        }
        return view;
    }

    [[nodiscard]] bool sees(const MemberId& member) const { return members_.contains(member); }

    [[nodiscard]] const std::set<MemberId>& members() const { return members_; }

    [[nodiscard]] const std::vector<Sight>& sights() const { return sights_; }

  private:
    std::set<MemberId> members_;
    std::vector<Sight> sights_;
};

/// Those certified from a place on, as far as the view goes.
Result<DirectoryPage> page_from(store::Transaction& transaction,
                                std::int64_t first,
                                const View& view) {
    DirectoryPage page;
    TRY(const auto own,
        (transaction.one<identity::PageNumber, std::string, identity::GroupSuite>(
            "SELECT page, circle_name, suite FROM self")));
    if (!own) return fail(Code::store_corrupt, "the officer's vault does not know its owner");
    page.number = std::get<0>(*own);
    page.circle_name = std::get<1>(*own);
    page.suite = std::get<2>(*own);
    page.sights = view.sights();
    TRY(auto members,
        (transaction.all<MemberId,
                         std::string,
                         std::string,
                         Bytes,
                         std::string,
                         std::optional<crypto::Digest>>(
            "SELECT member, name, role, blind, sections,"
            " (SELECT digest FROM pictures p WHERE p.member = m.member)"
            " FROM members m WHERE member IN"
            " (SELECT member FROM devices WHERE rowid >= ?1) ORDER BY rowid",
            first)));
    for (auto& [member, name, role, blind, sections, picture] : members) {
        if (!view.sees(member)) continue;
        page.members.push_back({member,
                                std::move(name),
                                std::move(role),
                                std::move(blind),
                                sight::sections_from(sections)});
        if (picture) page.members.back().portrait = *picture;
    }
    TRY(auto devices,
        (transaction.all<identity::DeviceId,
                         MemberId,
                         Bytes,
                         protocol::LogId,
                         Secret,
                         protocol::Stamp,
                         identity::InboxTurn>(
            "SELECT device, member, certificate, inbox, inbox_secret, added, inbox_turn"
            " FROM devices WHERE rowid >= ?1 AND revoked IS NULL ORDER BY rowid",
            first)));
    for (auto& [device, member, certificate, inbox, secret, added, turn] : devices) {
        if (!view.sees(member)) continue;
        page.devices.push_back(
            {device, member, std::move(certificate), inbox, std::move(secret), added});
        if (turn.value != 0) page.turns.push_back({device, turn});
    }
    TRY(const auto revocations,
        (transaction.all<identity::RevocationNumber, identity::DeviceId, MemberId, protocol::Stamp>(
            "SELECT number, device, member, at FROM revocations ORDER BY number")));
    for (const auto& [number, device, member, at] : revocations)
        page.revocations.push_back({identity::revocation_version, number, device, member, at});
    TRY(page.policy, client::circle_policy::newest(transaction));
    return page;
}

/// Every so many pages one says everything that its readers see, for whoever could not believe an
/// earlier one and is out of reach of all that go on from it. A prime, so that of several halls,
/// which are written to one after the other, each has its turn.
constexpr std::uint64_t pages_between_whole = 17;

Result<DirectoryPage> or_whole(store::Transaction& transaction,
                               const Hall& hall,
                               DirectoryPage page) {
    TRY(const auto row, transaction.one<identity::PageNumber>("SELECT page FROM self"));
    if (!row) return fail(Code::store_corrupt, "the officer's vault does not know its owner");
    if (std::get<0>(*row).next().value % pages_between_whole != 0) return page;
    TRY(const View view, View::from(transaction, hall.sections));
    TRY(auto whole, page_from(transaction, 0, view));
    TRY(whole.growth, transparency::growth_from(transaction, {0}));
    whole.gone = page.gone;
    pictures::keep_shown(whole, page);
    // One alone, or it would cost each of them as much as a newcomer's first page.
    if (codec::encode_secret(whole).size() > identity::longest_part) return page;
    return whole;
}

/// In parts, each under a number of its own.
Result<Pages> number(store::Transaction& transaction, DirectoryPage page) {
    Pages parts = identity::in_parts(std::move(page));
    for (DirectoryPage& part : parts) {
        TRY_VOID(transaction.run("UPDATE self SET page = page + 1"));
        TRY(const auto row, transaction.one<identity::PageNumber>("SELECT page FROM self"));
        if (!row) return fail(Code::store_corrupt, "the officer's vault does not know its owner");
        part.number = std::get<0>(*row);
    }
    if (parts.back().move) parts.back().move->whole_from = parts.front().number;
    return parts;
}

/// What a page for a hall brings of the log. Its readers have had every page before it; `first` may
/// be earlier, for who has not.
Result<Pages> grow_from_last(store::Transaction& transaction,
                             const Hall& hall,
                             DirectoryPage page,
                             std::optional<merkle::LeafNumber> first = std::nullopt) {
    TRY(const auto published,
        transaction.one<merkle::LeafNumber>("SELECT published FROM halls WHERE log = ?1",
                                            hall.log));
    merkle::LeafNumber from = published ? std::get<0>(*published) : merkle::LeafNumber{};
    if (first) from = std::min(from, *first);
    TRY(page.growth, transparency::growth_from(transaction, from));
    if (page.growth.leaves.size() > most_leaves_of_one) {
        // What begins with the first leaf can be parted.
        TRY(page.growth, transparency::growth_from(transaction, {0}));
    }
    TRY_VOID(transaction.run(
        "UPDATE halls SET published = ?2 WHERE log = ?1", hall.log, page.growth.head.size));
    TRY(auto said, or_whole(transaction, hall, std::move(page)));
    return number(transaction, std::move(said));
}

Result<DirectoryPage> everything(store::Transaction& transaction,
                                 identity::DeviceId reader,
                                 const Sections& sections) {
    TRY(const View view, View::from(transaction, sections));
    TRY(auto page, page_from(transaction, 0, view));
    TRY_VOID(pictures::show(transaction, page, pictures::of_everybody));
    TRY(page.growth, transparency::growth_from(transaction, {0}));
    page.reader = reader;
    return page;
}

/// Turns are of devices on the page alone.
void drop_other_turns(DirectoryPage& page) {
    std::erase_if(page.turns, [&page](const identity::TurnOfDevice& one) {
        return !std::ranges::contains(page.devices, one.device, &identity::DirectoryDevice::device);
    });
}

/// The page is about these alone.
void keep_members(DirectoryPage& page, const std::set<MemberId>& members) {
    std::erase_if(page.members,
                  [&members](const auto& one) { return !members.contains(one.member); });
}

/// Whoever has another picture than a device's first page could say, which was written when that
/// device was certified as the one of this number.
Result<void> add_portrayed_since(store::Transaction& transaction,
                                 DirectoryPage& page,
                                 std::int64_t number,
                                 const View& view) {
    TRY(auto missing, pictures::set_since(transaction, number));
    for (const identity::DirectoryMember& one : page.members)
        missing.erase(one.member);
    if (missing.empty()) return {};
    TRY(auto whole, page_from(transaction, 0, view));
    keep_members(whole, missing);
    std::ranges::move(whole.members, std::back_inserter(page.members));
    return {};
}

}  // namespace

Result<void> begin_log(store::Transaction& transaction) {
    TRY(const auto head, transparency::head(transaction));
    if (head.size.value != 0) return {};
    TRY(const View view, View::from(transaction, {std::string(identity::everybody)}));
    TRY(const auto page, page_from(transaction, 0, view));
    for (const identity::TransparencyLeaf& leaf : identity::leaves_of(page))
        TRY_VOID(transparency::append(transaction, leaf));
    return {};
}

Result<void> enter_in_directory(store::Transaction& transaction,
                                const identity::DirectoryMember& member,
                                const identity::Passport& passport,
                                BytesView certificate,
                                const identity::EnrolmentRequest& request,
                                WallTime now) {
    TRY_VOID(transaction.run(
        "INSERT INTO members (member, name, role, blind, sections) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT DO NOTHING",
        member.member,
        member.name,
        member.role,
        member.blind,
        sight::to_text(member.sections)));
    if (transaction.changed() != 0) {
        TRY_VOID(transparency::append(
            transaction,
            identity::leaf_of_name(member.member, member.name, member.role, member.blind)));
    }
    TRY_VOID(transparency::append(
        transaction, identity::leaf_of_device(passport.member, passport.device, certificate)));
    return transaction.run(
        "INSERT INTO devices (device, member, certificate, inbox, inbox_secret, added)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        passport.device,
        passport.member,
        certificate,
        request.inbox,
        request.inbox_secret,
        now);
}

Result<Pages> whole_directory(store::Transaction& transaction,
                              identity::DeviceId reader,
                              const Sections& sections) {
    TRY(auto page, everything(transaction, reader, sections));
    return number(transaction, std::move(page));
}

Result<Pages> directory_for_move(store::Transaction& transaction,
                                 identity::DeviceId reader,
                                 const Hall& hall) {
    TRY(auto page, everything(transaction, reader, hall.sections));
    page.move = identity::Move{hall.log, {}};
    return number(transaction, std::move(page));
}

Result<Pages> whole_for_hall(store::Transaction& transaction, const Hall& hall) {
    TRY(const View view, View::from(transaction, hall.sections));
    TRY(auto page, page_from(transaction, 0, view));
    TRY(page.growth, transparency::growth_from(transaction, {0}));
    TRY_VOID(transaction.run(
        "UPDATE halls SET published = ?2 WHERE log = ?1", hall.log, page.growth.head.size));
    return number(transaction, std::move(page));
}

Result<Pages> way_to_hall(store::Transaction& transaction,
                          identity::DeviceId reader,
                          const Hall& hall) {
    TRY(const View view, View::from(transaction, hall.sections));
    TRY(auto page, page_from(transaction, std::numeric_limits<std::int64_t>::max(), view));
    page.revocations.clear();
    page.policy.reset();
    // Of the empty tree, with which every log begins.
    page.growth.head.root = merkle::empty_root();
    page.reader = reader;
    page.move = identity::Move{hall.log, {}};
    TRY(Pages pages, number(transaction, std::move(page)));
    // Whom the reader sees, the pages in the hall say: until they come he sees whom he saw.
    pages.back().move->whole_from = {};
    return pages;
}

Result<Pages> revocations_alone(store::Transaction& transaction, const Hall& hall) {
    TRY(const View view, View::from(transaction, hall.sections));
    TRY(auto page, page_from(transaction, std::numeric_limits<std::int64_t>::max(), view));
    return grow_from_last(transaction, hall, std::move(page));
}

Result<Pages> directory_since(store::Transaction& transaction,
                              identity::DeviceId device,
                              const Hall& hall) {
    TRY(const auto row,
        (transaction.one<std::int64_t, MemberId, Bytes>(
            "SELECT rowid, member, certificate FROM devices WHERE device = ?1", device)));
    if (!row) return fail(Code::store_corrupt, "a certified device is not in the directory");
    const auto& [number, member, certificate] = *row;
    TRY(const View view, View::from(transaction, hall.sections));
    TRY(auto page, page_from(transaction, number, view));
    TRY(const auto seat, halls::of(transaction, device));
    std::optional<merkle::LeafNumber> first;
    const bool own = seat && seat->log == hall.log;
    if (own) TRY_VOID(add_portrayed_since(transaction, page, number, view));
    TRY_VOID(pictures::show(transaction, page, [&](const MemberId& one) {
        // The others have had theirs in their own turn; it came in too late for these.
        return own || one == member;
    }));
    if (own) {
        // Its own first page went up to itself.
        TRY(first,
            transparency::place_of(transaction,
                                   identity::leaf_of_device(member, device, certificate)));
    }
    return grow_from_last(transaction, hall, std::move(page), first);
}

Result<Pages> directory_of(store::Transaction& transaction,
                           const std::vector<identity::DeviceId>& devices,
                           const Hall& hall) {
    TRY(const View view, View::from(transaction, hall.sections));
    TRY(auto page, page_from(transaction, 0, view));
    std::erase_if(page.devices, [&devices](const identity::DirectoryDevice& one) {
        return !std::ranges::contains(devices, one.device);
    });
    if (page.devices.empty()) return Pages{};
    drop_other_turns(page);
    std::set<MemberId> owners;
    for (const identity::DirectoryDevice& one : page.devices)
        owners.insert(one.member);
    keep_members(page, owners);
    return grow_from_last(transaction, hall, std::move(page));
}

Result<Pages> portrait_of(store::Transaction& transaction, MemberId member, const Hall& hall) {
    TRY(const View view, View::from(transaction, hall.sections));
    if (!view.sees(member)) return Pages{};
    TRY(auto page, page_from(transaction, 0, view));
    keep_members(page, {member});
    page.devices.clear();
    page.turns.clear();
    TRY_VOID(pictures::show(transaction, page, pictures::of_everybody));
    return grow_from_last(transaction, hall, std::move(page));
}

Result<std::set<MemberId>> seen_from(store::Transaction& transaction, const Sections& sections) {
    TRY(const View view, View::from(transaction, sections));
    return view.members();
}

Result<Pages> resighted(store::Transaction& transaction,
                        const Hall& hall,
                        const Resighting& resighting) {
    TRY(const View view, View::from(transaction, hall.sections));
    TRY(auto page, page_from(transaction, 0, view));
    std::set<MemberId> about = resighting.come;
    about.insert(resighting.changed.begin(), resighting.changed.end());
    keep_members(page, about);
    std::erase_if(page.devices, [&](const identity::DirectoryDevice& one) {
        return !resighting.come.contains(one.member);
    });
    drop_other_turns(page);
    TRY_VOID(pictures::show(transaction, page, [&resighting](const MemberId& one) {
        return resighting.come.contains(one);
    }));
    page.gone.assign(resighting.gone.begin(), resighting.gone.end());
    return grow_from_last(transaction, hall, std::move(page));
}

}  // namespace cercle::officer
