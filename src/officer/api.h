// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The face of the officer's machine: commands down, events up, as in client/api.h, whose
// Settings, Outcome and Exit it shares. An officer's home is a member's home with the circle's
// authority in it, so the member's commands work on it, too: while `Serve` owns the home, they are
// passed on to it.

#include "client/api.h"

namespace cercle::officer {

// ---- commands ---------------------------------------------------------------------------

/// Founds a circle on a relay that has none. The same again resumes what was interrupted.
struct Found {
    std::string name;
    std::string relay;      // HOST:PORT
    std::string relay_key;  // 64 hex digits

    auto fields(this auto& self) { return std::tie(self.name, self.relay, self.relay_key); }
};

/// Answers those who join, until it is stopped.
struct Serve {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

enum class Attendance : std::uint8_t { Attended = 0, Unattended = 1 };

struct Invite {
    std::string name;
    std::string role;
    std::uint32_t expires_seconds = 24 * 60 * 60;
    /// Unattended: a second code is needed, to be sent by another way.
    Attendance attendance = Attendance::Attended;
    /// A lost device by its id, or its member by name or id: whoever comes is that member again,
    /// and `name` and `role` are his. Empty: somebody new.
    std::string replaces{};
    /// Into which he comes; none: among those who are in none.
    std::vector<std::string> sections{};
    /// The file of the picture that he is to have; its path, as the system has it. Empty: none.
    Bytes picture{};

    auto fields(this auto& self) {
        return std::tie(self.name,
                        self.role,
                        self.expires_seconds,
                        self.attendance,
                        self.replaces,
                        self.sections,
                        self.picture);
    }
};

struct ListMembers {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// The officer says that the relay's new key is the relay's: he has compared it with what the
/// relay's operator reads to him.
struct ConfirmRelay {
    std::string key;  // 64 hex digits, as cercle-relay prints it

    auto fields(this auto& self) { return std::tie(self.key); }
};

/// Those who wait to be approved.
struct ListRequests {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// A device is lost, or all of a member's: the relay drops them, and everybody is told. Once more,
/// it tells how far that has come. A rehearsal does nothing, and says what would be done.
struct ReportLost {
    enum class Act : std::uint8_t { Rehearse = 0, Do = 1 };

    std::string which;  // a device's id, or a member's name or id
    Act act = Act::Do;

    auto fields(this auto& self) { return std::tie(self.which, self.act); }
};

/// By its id, or the exact name of one who waits.
struct Approve {
    std::string request;
    std::string words;  // as the newcomer read them out

    auto fields(this auto& self) { return std::tie(self.request, self.words); }
};

struct Refuse {
    std::string request;

    auto fields(this auto& self) { return std::tie(self.request); }
};

/// All devices of the circle.
struct ListDevices {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

enum class Verification : std::uint8_t { No = 0, Yes = 1 };

/// What the officer has done; or, with verification, whether what is written of that holds.
struct ShowJournal {
    Verification verification = Verification::No;
    /// A head that was noted earlier, through which the journal has to lead; may be empty.
    std::string noted;

    auto fields(this auto& self) { return std::tie(self.verification, self.noted); }
};

/// Sets rules of the circle's policy, or shows it.
struct SetPolicy {
    std::vector<std::string> changes;  // NAME=VALUE, or NAME= for what is usual; none: only show

    auto fields(this auto& self) { return std::tie(self.changes); }
};

/// How many phones lie in a drawer.
struct ShowReport {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// A member comes into sections, and goes out of others.
struct SetSections {
    std::string member;
    std::vector<std::string> add;
    std::vector<std::string> remove;

    auto fields(this auto& self) { return std::tie(self.member, self.add, self.remove); }
};

/// The members of two sections see each other, or do so by this rule no more. "all" means
/// everybody, "none" those who are in no section.
struct SetSight {
    enum class Act : std::uint8_t { End = 0, Make = 1 };

    std::string one;
    std::string other;
    Act act = Act::Make;

    auto fields(this auto& self) { return std::tie(self.one, self.other, self.act); }
};

/// All sections that somebody is in, and the rules.
struct ListSections {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// All that the office is, sealed under a passphrase of its own, into a file.
struct MakeBackup {
    Bytes file;  // a path
    Secret passphrase;

    auto fields(this auto& self) { return std::tie(self.file, self.passphrase); }
};

/// The office goes on in this home, in which nobody lives, from such a file.
struct Restore {
    Bytes file;
    Secret passphrase;

    auto fields(this auto& self) { return std::tie(self.file, self.passphrase); }
};

/// A restored office opens, though not every device has told what it knows.
struct Resume {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// The office is that member's from now on: his machine restores it from the file. The same again
/// makes another file, for the same member or another one.
struct HandOver {
    std::string to;  // a member's name or id
    Bytes file;
    Secret passphrase;

    auto fields(this auto& self) { return std::tie(self.to, self.file, self.passphrase); }
};

/// A member has another picture, or none from now on. The same one again sends it to everybody once
/// more.
struct SetPicture {
    std::string member;
    Bytes file{};  // its path, as the system has it; empty: none

    auto fields(this auto& self) { return std::tie(self.member, self.file); }
};

using Command = std::variant<Found,
                             Serve,
                             Invite,
                             ListMembers,
                             ListRequests,
                             Approve,
                             Refuse,
                             ListDevices,
                             ShowJournal,
                             ReportLost,
                             ConfirmRelay,
                             SetPolicy,
                             ShowReport,
                             SetSections,
                             SetSight,
                             ListSections,
                             MakeBackup,
                             Restore,
                             Resume,
                             HandOver,
                             SetPicture>;

// ---- events -----------------------------------------------------------------------------

struct Founded {
    client::Joined circle;

    auto fields(this auto& self) { return std::tie(self.circle); }
};

struct Serving {
    std::string circle;

    auto fields(this auto& self) { return std::tie(self.circle); }
};

struct Invited {
    std::string invitation;  // names it in later commands
    std::string text;        // what the newcomer needs
    std::uint64_t expires = 0;
    std::optional<std::string> code;

    auto fields(this auto& self) {
        return std::tie(self.invitation, self.text, self.expires, self.code);
    }
};

struct MemberShown {
    client::Contact contact;
    std::vector<client::DeviceShown> devices;

    auto fields(this auto& self) { return std::tie(self.contact, self.devices); }
};

/// A device that was reported lost, or would be.
struct DeviceLost {
    /// Rehearsed: nothing was done. Signed: the relay does not know it yet. Dropped: it has.
    enum class State : std::uint8_t { Rehearsed = 0, Signed = 1, Dropped = 2 };

    std::uint64_t revocation = 0;  // its number; of a rehearsal, the one it would get
    client::DeviceShown device;
    std::string name;  // of its member
    State state = State::Rehearsed;
    std::uint32_t conversations = 0;  // of the officer's own, in which it stands

    auto fields(this auto& self) {
        return std::tie(self.revocation, self.device, self.name, self.state, self.conversations);
    }
};

/// How far the circle has come with a revocation.
struct LostProgress {
    std::uint64_t revocation = 0;
    std::uint32_t devices = 0;  // that are to learn of it
    std::uint32_t told = 0;     // of these: know of it
    std::uint32_t done = 0;     // of these: send nothing to a lost device any more
    std::uint32_t pending = 0;  // conversations in which one still stands

    auto fields(this auto& self) {
        return std::tie(self.revocation, self.devices, self.told, self.done, self.pending);
    }
};

/// Somebody waits. The words are for programs that compare; people are not shown them here.
struct RequestWaiting {
    client::RequestShown request;

    auto fields(this auto& self) { return std::tie(self.request); }
};

/// A device of the circle, as its officer sees it.
struct DeviceListed {
    client::DeviceShown device;
    std::string name;  // its member's
    std::uint64_t certified_until = 0;

    auto fields(this auto& self) { return std::tie(self.device, self.name, self.certified_until); }
};

/// One act. Ids are empty where it was not about such a thing.
struct JournalShown {
    std::uint64_t number = 0;
    std::uint64_t at = 0;
    std::string act;
    std::string invitation;
    std::string member;
    std::string device;
    std::string name;

    auto fields(this auto& self) {
        return std::tie(
            self.number, self.at, self.act, self.invitation, self.member, self.device, self.name);
    }
};

/// Where the journal stands: what to note elsewhere.
struct JournalStands {
    std::uint64_t number = 0;
    std::string head;
    Verification verified = Verification::No;

    auto fields(this auto& self) { return std::tie(self.number, self.head, self.verified); }
};

/// What the officer is told of whether phones are used: never of which.
struct ReportShown {
    /// Early: not fourteen days after the policy that began it. Withheld: too few phones. Otherwise
    /// so many were not opened: exactly, or at most, or at least.
    enum class State : std::uint8_t {
        Early = 0,
        Withheld = 1,
        Exactly = 2,
        AtMost = 3,
        AtLeast = 4
    };

    State state = State::Early;
    std::uint32_t days = 0;
    std::uint32_t phones = 0;    // 0: not told
    std::uint32_t unopened = 0;  // of a state that tells one
    std::uint32_t threshold = 0;
    std::uint64_t policy = 0;
    std::uint64_t from = 0;  // figures begin then

    auto fields(this auto& self) {
        return std::tie(self.state,
                        self.days,
                        self.phones,
                        self.unopened,
                        self.threshold,
                        self.policy,
                        self.from);
    }
};

/// A section, and how many members are in it; of those who are in none the name is empty.
struct SectionShown {
    std::string name;
    std::uint32_t members = 0;

    auto fields(this auto& self) { return std::tie(self.name, self.members); }
};

/// A rule.
struct SightShown {
    std::string one;
    std::string other;

    auto fields(this auto& self) { return std::tie(self.one, self.other); }
};

/// A backup, with where the journal stands in it: what to note elsewhere.
struct BackupMade {
    std::uint64_t number = 0;
    std::string head;
    std::uint64_t size = 0;  // of the file, in bytes

    auto fields(this auto& self) { return std::tie(self.number, self.head, self.size); }
};

/// How this machine stands to the office.
struct OfficeStands {
    /// Gathering: members' devices tell what they know. Open: it is in office. HandedOver: it is
    /// not any more.
    enum class State : std::uint8_t { Gathering = 0, Open = 1, HandedOver = 2 };

    State state = State::Open;
    std::uint32_t devices = 0;  // that are to tell
    std::uint32_t told = 0;
    std::uint32_t unknown = 0;  // members in the log of whom nobody has told
    std::string name;           // of the officer, or of the successor

    auto fields(this auto& self) {
        return std::tie(self.state, self.devices, self.told, self.unknown, self.name);
    }
};

using Event = std::variant<Founded,
                           Serving,
                           Invited,
                           MemberShown,
                           client::Notice,
                           RequestWaiting,
                           DeviceListed,
                           JournalShown,
                           JournalStands,
                           DeviceLost,
                           LostProgress,
                           client::PolicyShown,
                           ReportShown,
                           SectionShown,
                           SightShown,
                           BackupMade,
                           OfficeStands>;
using EventSink = std::function<void(const Event&)>;

/// As client::perform.
[[nodiscard]] client::Outcome perform(const client::Settings& settings,
                                      const Command& command,
                                      const EventSink& sink);

}  // namespace cercle::officer
