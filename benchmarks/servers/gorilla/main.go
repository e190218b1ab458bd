// The peer in Go: gorilla/mux and gorilla/websocket.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"

	"github.com/gorilla/mux"
	"github.com/gorilla/websocket"
)

const maxPayload = 1 << 20

var upgrader = websocket.Upgrader{}

// hub knows the subscribers of the one topic; each has a queue and a goroutine that writes.
type hub struct {
	mutex       sync.RWMutex
	subscribers map[chan *websocket.PreparedMessage]*websocket.Conn
}

func (h *hub) subscribe(connection *websocket.Conn) chan *websocket.PreparedMessage {
	queue := make(chan *websocket.PreparedMessage, 256)
	h.mutex.Lock()
	h.subscribers[queue] = connection
	h.mutex.Unlock()
	go func() {
		for message := range queue {
			if err := connection.WritePreparedMessage(message); err != nil {
				connection.Close()
				return
			}
		}
	}()
	return queue
}

func (h *hub) unsubscribe(queue chan *websocket.PreparedMessage) {
	h.mutex.Lock()
	delete(h.subscribers, queue)
	h.mutex.Unlock()
	close(queue)
}

func (h *hub) publish(kind int, data []byte) {
	message, err := websocket.NewPreparedMessage(kind, data)
	if err != nil {
		log.Print(err)
		return
	}
	h.mutex.RLock()
	defer h.mutex.RUnlock()
	for queue, connection := range h.subscribers {
		select {
		case queue <- message:
		default:
			connection.Close() // too slow
		}
	}
}

func upgrade(serve func(*websocket.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		connection, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			log.Print(err)
			return
		}
		defer connection.Close()
		connection.SetReadLimit(maxPayload)
		serve(connection)
	}
}

func receive(connection *websocket.Conn, handle func(kind int, data []byte) error) {
	for {
		kind, data, err := connection.ReadMessage()
		if err == nil {
			err = handle(kind, data)
		}
		if err != nil {
			if !websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseAbnormalClosure) {
				log.Print(err)
			}
			return
		}
	}
}

func main() {
	news := &hub{subscribers: map[chan *websocket.PreparedMessage]*websocket.Conn{}}
	publish := func(kind int, data []byte) error {
		news.publish(kind, data)
		return nil
	}

	router := mux.NewRouter()
	router.HandleFunc("/hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body, err := json.Marshal(map[string]string{"hello": mux.Vars(r)["name"]})
		if err != nil {
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		w.Write(body)
	}).Methods("GET")
	router.HandleFunc("/echo", upgrade(func(connection *websocket.Conn) {
		receive(connection, connection.WriteMessage)
	}))
	router.HandleFunc("/topic", upgrade(func(connection *websocket.Conn) {
		queue := news.subscribe(connection)
		defer news.unsubscribe(queue)
		receive(connection, publish)
	}))
	router.HandleFunc("/publish", upgrade(func(connection *websocket.Conn) {
		receive(connection, publish)
	}))

	collect := make(chan os.Signal, 1)
	signal.Notify(collect, syscall.SIGUSR2)
	go func() {
		for range collect {
			debug.FreeOSMemory()
		}
	}()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, router))
}
