//! What is said of an environment that is wrong.

use crate::world::{Integration, binary, refused};

#[tokio::test]
async fn what_is_wrong_with_the_environment_is_said_in_one_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let no_store = folder.path().join("none");
    std::fs::write(&no_store, "no database").unwrap();
    let no_store = format!("redb:{}", no_store.display());
    for (variable, value, said) in [
        ("CRM_URL", "", "http://127.0.0.1:3000"),
        ("CRM_URL", "crm:c4n4ry", "http://127.0.0.1:3000"),
        ("CRM_URL", "http://bo:c4n4ry@crm.test/?token=c4n4ry", "http://127.0.0.1:3000"),
        ("KEY_STORE", "mysql://bo:c4n4ry@db", "`memory:`, `redb:PATH`, `redis://HOST` or `postgres://"),
        ("KEY_STORE", "memory", "`memory:`, `redb:PATH`, `redis://HOST` or `postgres://"),
        ("KEY_STORE", "redb:", "`memory:`, `redb:PATH`, `redis://HOST` or `postgres://"),
        ("KEY_STORE", &no_store, "redb"),
        ("KEY_STORE", "postgres://bo:c4n4ry@127.0.0.1:1/x", "does PostgreSQL"),
        ("KEY_STORE", "redis://bo:c4n4ry@127.0.0.1:1", "does Redis"),
        ("KEY_STORE", "redb:/no/such/folder/x", "/no/such/folder/x"),
        ("ENDPOINT", "botmatic", "/botmatic"),
        ("ENDPOINT", "/{token}", "/botmatic"),
        ("ENDPOINT", "/a?b=c", "/botmatic"),
        ("ENDPOINT", "/:a", "/botmatic"),
        ("ENDPOINT", "/*a", "/botmatic"),
        ("ENDPOINT", "/crm/import", "/botmatic"),
        ("LISTEN", "here", "127.0.0.1:3456"),
        ("LISTEN", "127.0.0.1", "127.0.0.1:3456"),
        ("LISTEN", &taken, &taken),
        ("BOTMATIC_BASE_URL", "botmatic", "https://app.botmatic.ai"),
    ] {
        let mut command = binary();
        command.env("CRM_URL", "http://127.0.0.1:1").env("KEY_STORE", "memory:").env("LISTEN", "127.0.0.1:0");
        let (status, told) = refused({
            command.env(variable, value);
            command
        })
        .await;
        assert_eq!(status.code(), Some(1), "{variable}={value}");
        assert_eq!(told.lines().count(), 1, "{variable}={value}: {told}");
        assert!(
            told.contains(variable) && told.contains(said) && !told.contains("c4n4ry"),
            "{variable}={value}: {told}"
        );
    }
}

#[tokio::test]
async fn where_nothing_else_is_said_it_listens_on_port_3456_of_this_machine() {
    // Ours or somebody else's: taken in any case.
    let _taken = std::net::TcpListener::bind("127.0.0.1:3456");
    let mut command = binary();
    command.env("CRM_URL", "http://127.0.0.1:1").env("KEY_STORE", "memory:");
    let (status, told) = refused(command).await;
    assert_eq!(status.code(), Some(1));
    assert!(told.contains("cannot listen on `127.0.0.1:3456`"), "{told}");
}

#[tokio::test]
async fn the_address_of_the_service_is_all_that_has_to_be_there() {
    let mut command = binary();
    command.env("CRM_URL", "http://127.0.0.1:1");
    let integration = Integration::start(command).await;
    assert_eq!(integration.end().await.code(), Some(0));
}
