//! Connections that stall, requests that two programs could read in two ways, and a stop in the middle of work.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{World, header, key, package, publication, sign};

const ID: &str = "com.example.clock";

/// Sends bytes, and returns everything that the server sends until it closes the connection.
async fn exchange(world: &World, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(world.address()).await.expect("connected");
    stream.write_all(bytes).await.expect("sent");
    read_to_end(&mut stream).await
}

async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    // A connection that the server resets has ended, too.
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        answer.extend_from_slice(&buffer[..length]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn statuses(answer: &str) -> Vec<&str> {
    answer.split("HTTP/1.1 ").skip(1).filter_map(|rest| rest.split(' ').next()).collect()
}

#[tokio::test]
async fn a_request_hidden_in_another_is_never_answered() {
    let world = World::new().await;
    let hidden = "GET /healthz HTTP/1.1\r\nHost: r.example\r\n\r\n";
    let chunked = format!("0\r\n\r\n{hidden}");
    let length = chunked.len();
    for (name, request, status) in [
        (
            "length and encoding",
            format!(
                "POST /v1/publishers HTTP/1.1\r\nHost: r.example\r\nContent-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}"
            ),
            "411",
        ),
        (
            "encoding and length",
            format!(
                "POST /v1/publishers HTTP/1.1\r\nHost: r.example\r\nTransfer-Encoding: chunked\r\nContent-Length: {length}\r\n\r\n{chunked}"
            ),
            "411",
        ),
        (
            "an encoding with a trick",
            format!(
                "POST /v1/publishers HTTP/1.1\r\nHost: r.example\r\nTransfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\n{chunked}"
            ),
            "400",
        ),
        (
            "two lengths",
            format!(
                "POST /v1/publishers HTTP/1.1\r\nHost: r.example\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n{hidden}"
            ),
            "400",
        ),
        (
            "a body of a reading request",
            format!("GET /healthz HTTP/1.1\r\nHost: r.example\r\nContent-Length: {}\r\n\r\n{hidden}", hidden.len()),
            "400",
        ),
        (
            "a space before the colon",
            format!("POST /v1/publishers HTTP/1.1\r\nHost: r.example\r\nContent-Length : 44\r\n\r\n{hidden}"),
            "400",
        ),
        (
            "a folded header",
            format!("POST /v1/publishers HTTP/1.1\r\nHost: r.example\r\nX: 1\r\n Content-Length: 44\r\n\r\n{hidden}"),
            "400",
        ),
    ] {
        let answer = exchange(&world, request.as_bytes()).await;
        assert_eq!(statuses(&answer), [status], "{name}: {answer}");
    }
}

#[tokio::test]
async fn hundreds_of_slow_connections_are_ended_and_others_are_served() {
    let limits = "[limits]\nconnections_per_address = 1000\nfirst_request_seconds = 2\nidle_seconds = 2\nwrites = {}\n";
    let world = World::with(limits).await;
    let mut slow = tokio::task::JoinSet::new();
    for number in 0..500 {
        let mut stream = TcpStream::connect(world.address()).await.expect("connected");
        slow.spawn(async move {
            // Nothing, the beginning of a head, the beginning of a body, and the beginning of the preface of HTTP/2.
            let begun: &[u8] = match number % 4 {
                0 => b"",
                1 => b"GET /healthz HTTP/1.1\r\nHost: r.exam",
                2 => b"POST /v1/publishers HTTP/1.1\r\nHost: r.example\r\nContent-Length: 1000\r\n\r\n{",
                _ => b"PRI * HTTP/2.0\r\n",
            };
            stream.write_all(begun).await.expect("sent");
            read_to_end(&mut stream).await
        });
    }
    assert_eq!(world.get("/healthz").await.status(), 200, "others are served meanwhile");
    let answers = slow.join_all().await;
    assert_eq!(answers.len(), 500, "the server has ended every one of them");
    assert!(answers.iter().all(|answer| !answer.contains("HTTP/1.1 2")), "and answered none of them with a success");
    assert_eq!(world.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn an_upload_that_stops_half_way_is_given_up() {
    let limits = "[limits]\nidle_seconds = 1\nwrites = {}\n";
    let world = World::with(limits).await;
    let owner = key(1);
    world.register(&owner).await;
    let package = package(ID, "1.0.0", "one", &owner);
    let head = head(&package, &owner);
    let half = &package.bytes()[..package.bytes().len() / 2];
    let answer = exchange(&world, &[head.as_bytes(), half].concat()).await;
    assert_eq!(statuses(&answer), ["408"], "{answer}");
    // A client that goes away is no different.
    let mut stream = TcpStream::connect(world.address()).await.expect("connected");
    stream.write_all(&[head.as_bytes(), half].concat()).await.expect("sent");
    drop(stream);
    assert_eq!(world.publish(&package, &owner).await.0, 201);
}

fn head(package: &mpp_host::VerifiedPackage, owner: &mpp_host::keys::SigningKey) -> String {
    let statement = header(&sign(owner, publication(package)));
    format!(
        "PUT /v1/packages/{ID}/1.0.0 HTTP/1.1\r\nHost: r.example\r\nContent-Length: {}\r\nmpp-statement: {statement}\r\n\r\n",
        package.bytes().len()
    )
}

#[tokio::test]
async fn a_stop_lets_an_upload_end() {
    let mut world = World::new().await;
    let owner = key(1);
    world.register(&owner).await;
    let package = package(ID, "1.0.0", "one", &owner);
    let (first, rest) = package.bytes().split_at(package.bytes().len() / 2);
    let mut stream = TcpStream::connect(world.address()).await.expect("connected");
    stream.write_all(&[head(&package, &owner).as_bytes(), first].concat()).await.expect("sent");
    // The server has read the head once it counts the connection and nothing else happens; a second one is answered after it.
    assert_eq!(world.get("/healthz").await.status(), 200);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let _ = world.stop.take().expect("running").send(());
    stream.write_all(rest).await.expect("sent");
    let answer = read_to_end(&mut stream).await;
    assert_eq!(statuses(&answer), ["201"], "{answer}");
    world.task.take().expect("running").await.expect("the server ends without a panic");
    assert!(TcpStream::connect(world.address()).await.is_err(), "nothing listens any more");
    world.start().await.expect("the directory is free again");
    assert_eq!(world.get(&format!("/index/{ID}.json")).await.status(), 200);
}
