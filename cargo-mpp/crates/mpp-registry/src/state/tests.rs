//! Tests of the fold: one valid history, and a table of statements that must be refused.

use std::collections::BTreeSet;

use mpp_host::codes::Coded as _;
use mpp_host::keys::{KeyRole, PublicKey, SigningKey};
use semver::Version;

use super::{IdRule, Registration, Rules, State, StateError};
use crate::protocol::{
    Action, Body, Digest, DomainRecord, DomainState, Genesis, Leaf, Origin, PackageId, SignedStatement, Statement,
    TakedownReason, Timestamp,
};

const START: u64 = 1_772_366_400_000;
const ID: &str = "com.example.clock";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32], KeyRole::Publisher)
}

fn public(seed: u8) -> PublicKey {
    key(seed).public()
}

fn id(text: &str) -> PackageId {
    PackageId::parse(text).expect("an id")
}

fn version(text: &str) -> Version {
    Version::parse(text).expect("a version")
}

/// A registry whose operator is key 9. Keys 1 and 2 are registered, and key 1 has published `com.example.clock` 1.0.0.
struct World {
    state: State,
    rules: Rules,
    now: u64,
}

impl World {
    fn new() -> Self {
        let origin = Origin::parse("tools.example.com").expect("an origin");
        let rules = Rules { operators: BTreeSet::from([public(9)]), ..Rules::default() };
        let mut world = Self { state: State::new(origin.clone()), rules, now: START };
        let genesis = Genesis::new(origin, public(100), public(101));
        world.leaf(Body::Genesis(genesis)).expect("the first leaf");
        for seed in [1, 2] {
            world.act(seed, Action::Register { profile: None }).expect("registered");
        }
        world.act(1, publish(ID, "1.0.0", 1)).expect("published");
        world
    }

    fn leaf(&mut self, body: Body) -> Result<super::Effects, StateError> {
        self.state.apply(self.state.size(), &Leaf::new(self.now, body))
    }

    fn sign(&self, seed: u8, action: Action) -> SignedStatement {
        self.sign_at(seed, action, self.now / 1000)
    }

    fn sign_at(&self, seed: u8, action: Action, seconds: u64) -> SignedStatement {
        let (origin, time) = (self.state.origin().clone(), Timestamp::from_secs(seconds));
        let statement = Statement::new(origin, time, public(seed), action).expect("a statement");
        SignedStatement::sign(statement, &key(seed)).expect("signed")
    }

    fn send(&mut self, signed: SignedStatement) -> Result<super::Effects, StateError> {
        self.state.check(&signed, self.now, &self.rules)?;
        self.leaf(Body::Statement(signed))
    }

    fn act(&mut self, seed: u8, action: Action) -> Result<super::Effects, StateError> {
        self.send(self.sign(seed, action))
    }

    fn code(&mut self, seed: u8, action: Action) -> &'static str {
        let before = self.state.size();
        let error = self.act(seed, action).expect_err("refused");
        assert_eq!(self.state.size(), before);
        error.code().id
    }

    fn domain(&mut self, domain: &str, state: DomainState, keys: &[u8]) {
        let keys = keys.iter().map(|seed| public(*seed)).collect();
        self.leaf(Body::Domain(DomainRecord::new(domain.to_owned(), state, keys))).expect("a record");
    }
}

fn publish(package_id: &str, text: &str, contents: u8) -> Action {
    Action::Publish {
        package_id: id(package_id),
        version: version(text),
        content_hash: Digest::of(&[contents]),
        archive_hash: Digest::of(&[contents, 1]),
        archive_size: 1000,
        manifest_hash: Digest::of(&[contents, 2]),
    }
}

fn add_owner(seed: u8) -> Action {
    Action::AddOwner { package_id: id(ID), owner: public(seed) }
}

fn remove_owner(seed: u8) -> Action {
    Action::RemoveOwner { package_id: id(ID), owner: public(seed) }
}

fn delegate(seed: u8, seconds: u64) -> Action {
    let expires = Timestamp::from_secs(START / 1000 + seconds);
    Action::Delegate { delegate: public(seed), package_ids: vec![id(ID)], expires }
}

#[test]
fn publishes_and_owners_become_files() {
    let mut world = World::new();
    let effects = world.act(1, add_owner(2)).expect("added");
    assert_eq!(effects.packages, BTreeSet::from([id(ID)]));
    assert_eq!(effects.publishers, BTreeSet::from([public(2)]));
    world.act(2, publish(ID, "1.1.0", 2)).expect("published by the new owner");
    world.act(1, Action::Yank { package_id: id(ID), version: version("1.0.0") }).expect("yanked");
    let file = world.state.index_file(ID, |_| super::VersionTexts::default()).expect("a file");
    assert_eq!(file.owners, BTreeSet::from([public(1), public(2)]).into_iter().collect::<Vec<_>>());
    let versions: Vec<_> =
        file.versions.iter().map(|one| (one.version.to_string(), one.leaf_index, one.yanked)).collect();
    assert_eq!(versions, [("1.0.0".to_owned(), 3, true), ("1.1.0".to_owned(), 5, false)]);
    assert_eq!(file.tree_size, 7);
    let publisher = world.state.publisher_file(&public(2)).expect("a file");
    assert_eq!((publisher.packages, publisher.leaf_index), (vec![id(ID)], 2));
}

#[test]
fn a_state_is_the_same_after_the_same_leaves() {
    let mut world = World::new();
    let before = world.state.clone();
    let signed = world.sign(1, publish(ID, "2.0.0", 5));
    world.send(signed.clone()).expect("published");
    let mut again = before.clone();
    again.apply(before.size(), &Leaf::new(world.now, Body::Statement(signed))).expect("the same leaf");
    let file = |state: &State| state.index_file(ID, |_| super::VersionTexts::default());
    assert_eq!(file(&again), file(&world.state));
    assert_eq!(file(&before).map(|file| file.versions.len()), Some(1), "a clone is not changed");
}

#[test]
fn refuses_statements_for_another_registry_or_time_and_repeated_ones() {
    let mut world = World::new();
    let other = Origin::parse("other.example.com").expect("an origin");
    let time = Timestamp::from_secs(world.now / 1000);
    let statement = Statement::new(other, time, public(1), add_owner(2)).expect("a statement");
    let signed = SignedStatement::sign(statement, &key(1)).expect("signed");
    assert_eq!(world.send(signed).expect_err("refused").code(), "MPP-N301");
    for seconds in [START / 1000 - 901, START / 1000 + 901] {
        let signed = world.sign_at(1, add_owner(2), seconds);
        assert_eq!(world.send(signed).expect_err("refused").code(), "MPP-N302");
    }
    let signed = world.sign(1, add_owner(2));
    world.send(signed.clone()).expect("accepted");
    world.act(1, remove_owner(2)).expect("removed");
    assert_eq!(world.send(signed.clone()), Err(StateError::Repeated { leaf_index: 4 }));
    // As long as its time is accepted, the statement is remembered, and afterwards its time is not accepted.
    for minutes in 1..60 {
        world.now = START + minutes * 60_000;
        world.domain("example.org", DomainState::Proved, &[1]);
        let expected = if minutes <= 15 { "MPP-N303" } else { "MPP-N302" };
        assert_eq!(world.send(signed.clone()).expect_err("refused").code(), expected, "{minutes}");
    }
}

#[test]
fn refuses_what_a_key_has_no_right_to() {
    let mut world = World::new();
    let taken =
        Action::Takedown { package_id: id(ID), version: version("1.0.0"), reason: TakedownReason::Malware, note: None };
    for (seed, action, code) in [
        (3, publish("com.example.other", "1.0.0", 3), "MPP-N305"),
        (2, publish(ID, "1.1.0", 2), "MPP-N307"),
        (1, publish(ID, "1.0.0", 1), "MPP-N303"),
        (1, publish(ID, "1.0.0", 2), "MPP-N308"),
        (1, publish(ID, "1.0.0+build.7", 2), "MPP-N308"),
        (2, Action::Yank { package_id: id(ID), version: version("1.0.0") }, "MPP-N307"),
        (1, Action::Yank { package_id: id(ID), version: version("9.0.0") }, "MPP-N316"),
        (1, Action::Unyank { package_id: id(ID), version: version("1.0.0") }, "MPP-N322"),
        (2, add_owner(2), "MPP-N307"),
        (1, add_owner(1), "MPP-N322"),
        (1, add_owner(3), "MPP-N318"),
        (1, remove_owner(1), "MPP-N313"),
        (1, Action::Transfer { package_id: id(ID), to: public(2) }, "MPP-N314"),
        (1, taken, "MPP-N314"),
        (1, Action::ApprovePackage { package_id: id("com.example.klock") }, "MPP-N314"),
        (2, Action::Revoke { revoked: public(1), from_leaf: None }, "MPP-N321"),
        (1, Action::Revoke { revoked: public(1), from_leaf: Some(99) }, "MPP-N318"),
        (1, delegate(5, 91 * 86_400), "MPP-N315"),
        (1, delegate(5, 0), "MPP-N315"),
        (1, delegate(1, 86_400), "MPP-N318"),
        (2, delegate(5, 86_400), "MPP-N307"),
        (1, Action::Rotate { to: public(1) }, "MPP-N318"),
        (9, Action::Transfer { package_id: id("com.example.none"), to: public(2) }, "MPP-N316"),
        (9, Action::ApproveKey { approved: public(5) }, "MPP-N318"),
    ] {
        let what = format!("{seed} {action:?}");
        assert_eq!(world.code(seed, action), code, "{what}");
    }
}

#[test]
fn a_delegate_publishes_until_the_end() {
    let mut world = World::new();
    world.act(1, delegate(5, 86_400)).expect("delegated");
    world.act(5, publish(ID, "1.1.0", 2)).expect("published by the delegate");
    assert_eq!(world.state.publisher(&public(1)).map(|publisher| publisher.bytes), Some(2000));
    assert_eq!(world.code(5, add_owner(2)), "MPP-N307", "publish only");
    assert_eq!(world.code(5, publish("com.example.new", "1.0.0", 3)), "MPP-N305", "for these packages only");
    world.now = START + 86_401_000;
    assert_eq!(world.code(5, publish(ID, "1.2.0", 3)), "MPP-N307");
    let file = world.state.index_file(ID, |_| super::VersionTexts::default()).expect("a file");
    assert_eq!(file.delegations.len(), 1, "a version that was published by a delegate needs the delegation for ever");
}

#[test]
fn a_delegation_ends_with_its_owner() {
    let mut world = World::new();
    world.act(1, add_owner(2)).expect("added");
    world.act(2, delegate(5, 86_400)).expect("delegated");
    world.act(1, remove_owner(2)).expect("removed");
    assert_eq!(world.code(5, publish(ID, "1.1.0", 2)), "MPP-N307");
    world.act(1, add_owner(2)).expect("added again");
    assert_eq!(world.code(5, publish(ID, "1.1.0", 2)), "MPP-N307", "the old delegation does not come back");
}

#[test]
fn a_rotation_moves_everything_to_the_new_key() {
    let mut world = World::new();
    world.act(1, delegate(5, 86_400)).expect("delegated");
    let effects = world.act(1, Action::Rotate { to: public(6) }).expect("rotated");
    assert_eq!(effects.publishers, BTreeSet::from([public(1), public(6)]));
    assert_eq!(world.code(1, publish(ID, "1.1.0", 2)), "MPP-N317");
    world.act(6, publish(ID, "1.1.0", 2)).expect("published by the successor");
    world.act(5, publish(ID, "1.2.0", 3)).expect("the delegate publishes on behalf of the successor");
    assert_eq!(world.code(2, Action::Rotate { to: public(1) }), "MPP-N318", "a replaced key does not come back");
    let old = world.state.publisher_file(&public(1)).expect("a file");
    assert_eq!(old.rotated_to.map(|rotation| rotation.to), Some(public(6)));
    assert!(old.packages.is_empty());
}

#[test]
fn an_owner_revokes_a_lost_key() {
    let mut world = World::new();
    world.act(1, add_owner(2)).expect("added");
    let effects = world.act(2, Action::Revoke { revoked: public(1), from_leaf: Some(4) }).expect("revoked");
    assert!(effects.revocations);
    assert_eq!(world.code(1, publish(ID, "1.1.0", 2)), "MPP-N304");
    assert_eq!(world.code(1, Action::Revoke { revoked: public(2), from_leaf: None }), "MPP-N304");
    assert_eq!(world.code(2, remove_owner(2)), "MPP-N313", "the other owner is revoked");
    world.act(2, remove_owner(1)).expect("removed");
    let list = world.state.revocations(Digest::of(b""), Timestamp::from_secs(0), Timestamp::from_secs(1));
    assert_eq!(list.keys.iter().map(|one| (one.key, one.from_leaf)).collect::<Vec<_>>(), [(public(1), 4)]);
    assert_eq!(world.code(9, Action::Revoke { revoked: public(1), from_leaf: Some(4) }), "MPP-N322");
    world.act(9, Action::Revoke { revoked: public(1), from_leaf: Some(2) }).expect("an operator moves it back");
    assert_eq!(world.state.revoked_from(&public(1)), Some(2));
}

#[test]
fn a_takedown_erases_and_keeps_the_number() {
    let mut world = World::new();
    let (package_id, reason) = (id(ID), TakedownReason::Malware);
    let effects = world.act(9, Action::Takedown { package_id, version: version("1.0.0"), reason, note: None });
    let effects = effects.expect("taken down");
    assert_eq!(effects.erased_blobs, [Digest::of(&[1, 1])]);
    assert_eq!(effects.erased_manifests, [Digest::of(&[1, 2])]);
    assert_eq!(world.code(1, publish(ID, "1.0.0", 1)), "MPP-N320");
    let texts = |_: &Digest| super::VersionTexts { name: "clock".to_owned(), ..super::VersionTexts::default() };
    let file = world.state.index_file(ID, texts).expect("a file");
    assert_eq!((file.versions[0].name.as_str(), file.versions[0].content_hash), ("", Digest::of(&[1])));
    assert!(file.versions[0].taken_down.is_some());
}

#[test]
fn a_second_takedown_replaces_the_explanation_of_the_first() {
    let mut world = World::new();
    let takedown = |reason, note: Option<&str>| Action::Takedown {
        package_id: id(ID),
        version: version("1.0.0"),
        reason,
        note: note.map(|text| Digest::of(text.as_bytes())),
    };
    let erased = |text: &str| vec![(id(ID), version("1.0.0"), Digest::of(text.as_bytes()))];
    let first = world.act(9, takedown(TakedownReason::Policy, Some("about Ada"))).expect("taken down");
    assert_eq!((first.erased_blobs.len(), first.erased_notes), (1, vec![]));
    assert_eq!(world.code(9, takedown(TakedownReason::Policy, Some("about Ada"))), "MPP-N322");
    assert_eq!(world.code(1, takedown(TakedownReason::Policy, None)), "MPP-N314", "only an operator");
    let second = world.act(9, takedown(TakedownReason::Policy, Some("about it"))).expect("replaced");
    assert_eq!((second.erased_blobs.len(), second.revocations), (0, false));
    assert_eq!(second.erased_notes, erased("about Ada"));
    // A start from the snapshot knows the explanation.
    world.state = State::from_snapshot(&world.state.to_snapshot(), world.state.origin()).expect("readable");
    let third = world.act(9, takedown(TakedownReason::Legal, None)).expect("erased");
    assert_eq!(third.erased_notes, erased("about it"));
    assert_eq!(world.code(9, takedown(TakedownReason::Legal, None)), "MPP-N322");
    let texts = |_: &Digest| super::VersionTexts::default();
    let file = world.state.index_file(ID, texts).expect("a file");
    let shown = file.versions[0].taken_down.as_ref().expect("taken down");
    assert_eq!(shown.reason, TakedownReason::Legal);
    let list = world.state.revocations(Digest::of(b""), Timestamp::from_secs(0), Timestamp::from_secs(1));
    assert_eq!(list.taken_down.len(), 1);
}

#[test]
fn an_id_that_resembles_another_waits() {
    let mut world = World::new();
    assert_eq!(world.code(2, publish("com.example.clocks", "1.0.0", 3)), "MPP-N309");
    world.act(1, publish("com.example.clocks", "1.0.0", 3)).expect("the owner of the other one may");
    assert_eq!(world.code(2, publish("com.example.c-lock", "1.0.0", 3)), "MPP-N309");
    world.act(9, Action::ApprovePackage { package_id: id("com.example.c-lock") }).expect("approved");
    world.act(2, publish("com.example.c-lock", "1.0.0", 3)).expect("published");
}

#[test]
fn keys_wait_for_approval_where_the_policy_says_so() {
    let mut world = World::new();
    world.rules.registration = Registration::Approved;
    assert_eq!(world.code(2, publish("org.example.new", "1.0.0", 3)), "MPP-N306");
    world.act(9, Action::ApproveKey { approved: public(2) }).expect("approved");
    world.act(2, publish("org.example.new", "1.0.0", 3)).expect("published");
    assert_eq!(world.code(9, Action::ApproveKey { approved: public(2) }), "MPP-N322");
}

#[test]
fn ids_belong_to_the_keys_of_their_domain_where_the_policy_says_so() {
    let mut world = World::new();
    world.rules.ids = IdRule::DomainProof;
    assert_eq!(world.code(2, publish("org.example.tools.new", "1.0.0", 3)), "MPP-N310");
    world.domain("example.org", DomainState::Proved, &[2]);
    assert_eq!(world.code(1, publish("org.example.tools.new", "1.0.0", 3)), "MPP-N310");
    world.act(2, publish("org.example.tools.new", "1.0.0", 3)).expect("published");
    assert_eq!(world.code(2, publish("org.example2.new", "1.0.0", 3)), "MPP-N310");
    world.domain("example.org", DomainState::Failing, &[]);
    world.act(2, publish("org.example.tools.new", "1.1.0", 4)).expect("a failing proof counts for 30 days");
    world.domain("example.org", DomainState::Lapsed, &[]);
    assert_eq!(world.code(2, publish("org.example.tools.new", "1.2.0", 5)), "MPP-N319");
    // A new holder of the domain gets new ids, and no existing ones.
    world.domain("example.org", DomainState::Proved, &[1]);
    assert_eq!(world.code(1, publish("org.example.tools.new", "1.2.0", 5)), "MPP-N307");
    assert_eq!(world.code(2, publish("org.example.tools.new", "1.2.0", 5)), "MPP-N310");
    world.act(1, publish("org.example.other", "1.0.0", 6)).expect("published");
    world.act(9, Action::Transfer { package_id: id("org.example.tools.new"), to: public(1) }).expect("transferred");
    world.act(1, publish("org.example.tools.new", "1.2.0", 5)).expect("published");
    let file = world.state.index_file("org.example.tools.new", |_| super::VersionTexts::default()).expect("a file");
    assert_eq!(
        file.domain.map(|proof| (proof.domain, proof.state)),
        Some(("example.org".to_owned(), DomainState::Proved))
    );
}

#[test]
fn a_key_has_a_limited_space() {
    let mut world = World::new();
    world.rules.owner_bytes = 2000;
    world.act(1, publish(ID, "1.1.0", 2)).expect("2000 bytes");
    assert_eq!(world.code(1, publish(ID, "1.2.0", 3)), "MPP-N323");
}

#[test]
fn leaves_follow_one_another() {
    let mut world = World::new();
    let leaf = Leaf::new(world.now - 1, Body::Statement(world.sign(1, add_owner(2))));
    assert_eq!(world.state.apply(4, &leaf).expect_err("earlier").code(), "MPP-N324");
    let leaf = Leaf::new(world.now, Body::Statement(world.sign(1, add_owner(2))));
    assert_eq!(world.state.apply(5, &leaf).expect_err("not the next").code(), "MPP-N324");
    let genesis = world.state.genesis().expect("the first leaf").clone();
    let leaf = Leaf::new(world.now, Body::Genesis(genesis));
    assert_eq!(world.state.apply(4, &leaf).expect_err("a second beginning").code(), "MPP-N324");
}

#[test]
fn a_monitor_notices_a_leaf_that_no_policy_allows() {
    let mut world = World::new();
    let signed = world.sign(2, publish(ID, "1.1.0", 2));
    assert_eq!(world.leaf(Body::Statement(signed)).expect_err("not an owner").code(), "MPP-N307");
}

#[test]
fn a_snapshot_gives_back_the_state() {
    let mut world = World::new();
    world.act(1, add_owner(2)).expect("added");
    world.act(2, delegate(5, 86_400)).expect("delegated");
    world.act(5, publish(ID, "1.1.0-rc.1+x", 2)).expect("published");
    world.act(1, Action::Rotate { to: public(6) }).expect("rotated");
    world.act(9, Action::ApprovePackage { package_id: id("com.example.clocks") }).expect("approved");
    world.act(9, Action::Revoke { revoked: public(2), from_leaf: Some(3) }).expect("revoked");
    let (package_id, reason) = (id(ID), TakedownReason::Legal);
    let takedown = Action::Takedown { package_id, version: version("1.0.0"), reason, note: None };
    world.act(9, takedown.clone()).expect("taken down");
    world.domain("example.com", DomainState::Proved, &[1, 6]);
    let snapshot = world.state.to_snapshot();
    let mut read = State::from_snapshot(&snapshot, world.state.origin()).expect("readable");
    let files = |state: &State| {
        let list = state.revocations(Digest::of(b""), Timestamp::from_secs(0), Timestamp::from_secs(1));
        let publishers: Vec<_> = [1, 2, 6].into_iter().map(|seed| state.publisher_file(&public(seed))).collect();
        (state.index_file(ID, |_| super::VersionTexts::default()), publishers, list, state.version_count())
    };
    assert_eq!(files(&read), files(&world.state));
    assert_eq!(
        (read.size(), read.time(), read.genesis()),
        (world.state.size(), world.state.time(), world.state.genesis())
    );
    assert_eq!(read.all_effects(), world.state.all_effects());
    // Both go on in the same way, and remember the same statements.
    let signed = world.sign(6, publish(ID, "1.2.0", 3));
    let leaf = Leaf::new(world.now, Body::Statement(signed));
    let (index, mut before) = (read.size(), world.state.clone());
    assert_eq!(read.apply(index, &leaf), before.apply(index, &leaf));
    assert_eq!(files(&read), files(&before));
    assert!(matches!(read.apply(index + 1, &leaf), Err(StateError::Repeated { .. })));
    // Damage and documents of others are noticed.
    let mut damaged = snapshot.clone();
    let last = damaged.len() - 10;
    damaged[last] ^= 1;
    let other = Origin::parse("other.example").expect("an origin");
    for (bytes, origin) in [
        (&damaged[..], world.state.origin()),
        (&snapshot[..100], world.state.origin()),
        (b"", world.state.origin()),
        (&snapshot, &other),
    ] {
        assert!(State::from_snapshot(bytes, origin).is_none());
    }
}
