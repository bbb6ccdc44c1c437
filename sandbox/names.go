package sandbox

import (
	"strings"
)

// culture is a stock of invented people's names. Surnames may have a form of
// their own for women, after a slash.
type culture struct {
	men, women, surnames []string
	patronymics          []string // men's form, the women's after a slash
	cities               []string
}

// cultures mix alphabets on purpose, so that whatever breaks on one of them
// breaks in the sandbox first.
var cultures = []culture{
	{
		men:      strings.Fields("James Oliver Henry Samuel Arthur Felix Hugo Theo Lucas Martin Jonas Nils"),
		women:    strings.Fields("Emma Alice Clara Ruth Grace Nora Ida Frida Lena Marie Hanna Astrid"),
		surnames: strings.Fields("Hartley Whitcombe Ashdown Merrow Lindqvist Brandvold Kessler Vogt Ostermann Thornbury Halvorsen Fairweather"),
		cities:   strings.Fields("London Bristol Berlin Hamburg Oslo Stockholm"),
	},
	{
		men:      strings.Fields("Mateo Andrés Tomás Bruno Luca Pietro João Rui René Étienne Émile Iker"),
		women:    strings.Fields("Lucía Inés Sofía Chiara Giulia Beatriz Leonor Zoé Maëlle Núria Alba Paola"),
		surnames: strings.Fields("Arizmendi Calderón Muñoz-Prado Ferrandini Bellacorte Quintana Lagarde Desrosiers Montclair Azevedo Figueira Iturralde"),
		cities:   strings.Fields("Madrid Valencia Lisboa Torino Lyon Genève"),
	},
	{
		men:         strings.Fields("Олег Артём Денис Кирилл Тимур Фёдор Глеб Марат Остап Ярослав Данияр Ерлан"),
		women:       strings.Fields("Анна Дарья Юлия Ксения Алёна Майя Жанна Оксана Айгуль Вера Эльвира Злата"),
		surnames:    strings.Fields("Берёзкин/Берёзкина Щукарёв/Щукарёва Ясенев/Ясенева Хромцов/Хромцова Жданович Юрчак Толмачёв/Толмачёва Ильинский/Ильинская Кравчук Сапаров/Сапарова Чижов/Чижова Эльдаров/Эльдарова"),
		patronymics: strings.Fields("Олегович/Олеговна Игоревич/Игоревна Петрович/Петровна Маратович/Маратовна"),
		cities:      strings.Fields("Москва Казань Алматы Минск Тбилиси Ташкент"),
	},
	{
		men:      strings.Fields("Arjun Rohan Vikram Kenji Haruto Wei Omar Yusuf Kwame Tunde Ravi Daichi"),
		women:    strings.Fields("Priya Anika Meera Yuki Sakura Lin Layla Amina Efua Zainab Kavya Hana"),
		surnames: strings.Fields("Devarajan Kulkarnee Okonjo Mensahri Tanabata Fujimori-Ito Haddadin Benyoussef Chaudhuri Lianghua Siddiqar Nwosuji"),
		cities:   strings.Fields("Dubai Singapore Mumbai Nairobi Osaka Accra"),
	},
}

// positions are job titles, in both alphabets.
var positions = []string{
	"Account Manager", "Accountant", "Analyst", "Backend Developer", "Customer Support Engineer", "Designer",
	"HR Specialist", "Marketing Manager", "Project Manager", "QA Engineer", "Sales Manager", "System Administrator",
	"Менеджер по продажам", "Бухгалтер", "Инженер-программист", "Специалист по кадрам",
}

// latin is how letters are spelled in e-mail addresses.
var latin = strings.NewReplacer(
	"а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "e", "ё", "yo", "ж", "zh", "з", "z", "и", "i", "й", "y",
	"к", "k", "л", "l", "м", "m", "н", "n", "о", "o", "п", "p", "р", "r", "с", "s", "т", "t", "у", "u", "ф", "f",
	"х", "kh", "ц", "ts", "ч", "ch", "ш", "sh", "щ", "shch", "ъ", "", "ы", "y", "ь", "", "э", "e", "ю", "yu", "я", "ya",
	"á", "a", "ã", "a", "é", "e", "ë", "e", "í", "i", "ñ", "n", "ó", "o", "ú", "u",
)

// forms splits "man's/woman's" and picks one.
func forms(name string, woman bool) string {
	man, lady, both := strings.Cut(name, "/")
	if both && woman {
		return lady
	}
	return man
}

// pick chooses an element by a number that may be of any size.
func pick[T any](list []T, n uint64) T { return list[n%uint64(len(list))] }

// scatter turns consecutive numbers into ones without a pattern (splitmix64), so
// that the same id always gets the same person.
func scatter(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
